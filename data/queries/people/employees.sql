-- One row per employee who works here now, with the phones that are his at $at.
select
    employee.employee_id::varchar as employee_id,
    employee.name,
    employee.department,
    list(distinct extension.extension order by extension.extension)
        filter (where extension.extension is not null) as extensions
from employee
left join extension
    on extension.employee_id = employee.employee_id
    and extension.kind = 'phone'
    and extension.from_at <= $at
    and (extension.until_at is null or extension.until_at > $at)
where employee.active
group by all
order by employee.name
