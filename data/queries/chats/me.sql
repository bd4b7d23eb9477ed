-- Which employees a user is: the one of his login, and those whose phones are his now. One row per employee.
select employee_id::varchar as employee_id
from employee
where active
    and (
        employee_id = $employee_id::uuid
        or employee_id in (
            select extension.employee_id
            from extension
            where list_contains($extensions::varchar[], extension.extension)
                and extension.until_at is null
        )
    )
order by employee_id is distinct from $employee_id::uuid, employee_id
