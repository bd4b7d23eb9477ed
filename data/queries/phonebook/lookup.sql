-- Whose a number is now, and the phone of the employee who looks after the client. At most one row. The number is
-- looked for first and alone: the scan ends where it is found, and what follows looks for one id. The person is no
-- join: that would read all contact persons where the number is the client's own.
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
    (
        select name
        from contact
        where contact_id in (select contact_id from assigned)
    ) as contact,
    employee.employee_id::varchar as responsible_id,
    employee.name as responsible,
    extension.extension
from account
left join employee
    on employee.employee_id = account.responsible_id
    and employee.active
left join extension
    on extension.employee_id = employee.employee_id
    and extension.kind = 'phone'
    and extension.from_at <= $at
    and (extension.until_at is null or extension.until_at > $at)
where account.account_id in (select account_id from assigned)
order by extension.from_at desc nulls last, extension.extension
limit 1
