-- An employee who works here. At most one row.
select name
from employee
where employee_id = $employee_id::uuid
    and active
