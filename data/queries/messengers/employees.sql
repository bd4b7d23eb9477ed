-- Everybody who works here, to be chosen from. One row per employee.
select
    employee_id::varchar as employee_id,
    name
from employee
where active
order by name, employee_id
