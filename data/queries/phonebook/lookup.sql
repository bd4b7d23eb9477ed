-- Whose a number is now, and the phone of the employee who looks after the client. At most one row. The number
-- is looked for first and alone: the scan ends where it is found, and joins meet one row.
with assigned as materialized (
    select
        account_id,
        contact_id
    from phone_assignment
    where number = $number
        and until_at is null
    limit 1
)

select
    account.account_id::varchar as account_id,
    account.name,
    contact.name as contact,
    employee.employee_id::varchar as responsible_id,
    employee.name as responsible,
    extension.extension
from assigned
inner join account using (account_id)
left join contact on contact.contact_id = assigned.contact_id
left join employee
    on employee.employee_id = account.responsible_id
    and employee.active
left join extension
    on extension.employee_id = employee.employee_id
    and extension.kind = 'phone'
    and extension.from_at <= $at
    and (extension.until_at is null or extension.until_at > $at)
order by extension.from_at desc nulls last, extension.extension
limit 1
