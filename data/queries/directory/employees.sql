-- All employees with the extensions and mobiles that are theirs now: one row each, by name.
select
    employee.employee_id::varchar as employee_id,
    employee.name,
    employee.department,
    employee.email,
    employee.active,
    employee.source,
    employee.external_id,
    list(extension.extension order by extension.extension)
        filter (where extension.extension is not null) as extensions
from employee
left join extension
    on extension.employee_id = employee.employee_id
    and extension.until_at is null
    and extension.kind in ('phone', 'mobile')
group by all
order by employee.name, employee_id
