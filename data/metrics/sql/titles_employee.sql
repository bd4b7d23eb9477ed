-- Names of employees by their ids.
select
    employee_id::varchar as key,
    name as title
from employee
where employee_id::varchar in (select unnest($keys))
