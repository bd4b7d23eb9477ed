-- Clients in the order in which their changes were stored, those after the cursor. A client changes with its card
-- and with the numbers that are the client's own. One row per client, cards that were merged away included.
-- Conditions that are null let everything pass.
with moved as (
    select
        account_id,
        max(stored_at) as stored_at
    from phone_assignment
    where contact_id is null
        and ($after_at::timestamptz is null or stored_at >= $after_at)
    group by account_id
),

listed as (
    select
        account.account_id,
        greatest(account.stored_at, moved.stored_at) as moment
    from account
    left join moved using (account_id)
    where ($account_id::uuid is null or account.account_id = $account_id::uuid)
        and ($external_id is null or account.external_id = $external_id)
        and (
            $after_at::timestamptz is null
            or greatest(account.stored_at, moved.stored_at) > $after_at
            or (greatest(account.stored_at, moved.stored_at) = $after_at and account.account_id > $after_id::uuid)
        )
    order by moment, account.account_id
    limit $limit
)

select
    account.account_id::varchar as account_id,
    account.external_id,
    account.name,
    account.kind,
    account.responsible_id::varchar as responsible_id,
    employee.name as responsible,
    (
        select coalesce(list(tag.title order by lower(tag.title)), [])
        from client_tag
        inner join tag using (tag_id)
        where client_tag.account_id = account.account_id
    ) as tags,
    account.emails,
    account.messengers,
    account.notes,
    account.merged_into::varchar as merged_into,
    account.created_at,
    account.created_by,
    account.changed_at,
    account.changed_by,
    account.version,
    listed.moment,
    (
        select coalesce(list(number order by from_at, number), [])
        from phone_assignment
        where phone_assignment.account_id = account.account_id
            and contact_id is null
            and until_at is null
    ) as phones
from listed
inner join account using (account_id)
left join employee on employee.employee_id = account.responsible_id
order by listed.moment, account.account_id
