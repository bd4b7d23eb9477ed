-- One row per extension of $extensions that is an employee's at $at.
select
    extension.extension,
    any_value(employee.employee_id::varchar) as employee_id,
    any_value(employee.name) as name
from extension
join employee using (employee_id)
where extension.extension in (select unnest($extensions))
    and extension.from_at <= $at
    and (extension.until_at is null or extension.until_at > $at)
group by extension.extension
