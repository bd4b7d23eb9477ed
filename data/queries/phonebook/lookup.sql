-- Whose a number is now, and the phone of the employee who looks after the client. At most one row.
select
    account.account_id::varchar as account_id,
    account.name,
    contact.name as contact,
    employee.employee_id::varchar as responsible_id,
    employee.name as responsible,
    (
        select arg_max(extension.extension, extension.from_at)
        from extension
        where extension.employee_id = employee.employee_id
            and extension.kind = 'phone'
            and extension.from_at <= $at
            and (extension.until_at is null or extension.until_at > $at)
    ) as extension
from phone_assignment
inner join account using (account_id)
left join contact on contact.contact_id = phone_assignment.contact_id
left join employee
    on employee.employee_id = account.responsible_id
    and employee.active
where phone_assignment.number = $number
    and phone_assignment.until_at is null
limit 1
