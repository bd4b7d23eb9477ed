-- A client with his numbers and contact persons, as they are now. One row; none: there is no such client.
select
    account.account_id::varchar as account_id,
    account.name,
    account.kind,
    account.responsible_id::varchar as responsible_id,
    employee.name as responsible,
    (
        select list(tag.title order by lower(tag.title))
        from client_tag
        inner join tag using (tag_id)
        where client_tag.account_id = $account_id::uuid
    ) as tags,
    account.emails,
    account.messengers,
    account.notes,
    account.external_id,
    account.created_at,
    account.created_by,
    account.changed_at,
    account.changed_by,
    account.version,
    account.merged_into::varchar as merged_into,
    (
        select
            list(
                {
                    number: phone_assignment.number,
                    contact_id: phone_assignment.contact_id::varchar,
                    from_at: phone_assignment.from_at,
                    number_class: number.number_class,
                    region: number.region
                }
                order by phone_assignment.from_at, phone_assignment.number
            )
        from phone_assignment
        left join number using (number)
        where phone_assignment.account_id = $account_id::uuid
            and phone_assignment.until_at is null
    ) as numbers,
    (
        select
            list(
                {
                    contact_id: contact_id::varchar,
                    name: name,
                    position: position,
                    emails: emails,
                    messengers: messengers,
                    version: version
                }
                order by name, contact_id
            )
        from contact
        where account_id = $account_id::uuid
    ) as contacts
from account
left join employee on employee.employee_id = account.responsible_id
where account.account_id = $account_id::uuid
