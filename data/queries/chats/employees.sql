-- Those of these ids who work here. One row per employee.
select
    employee_id::varchar as employee_id,
    name
from employee
where list_contains($employee_ids::uuid[], employee_id)
    and active
order by name
