-- Open tasks of one employee, the most urgent first.
select
    task_id::varchar as task_id,
    title,
    due_at,
    subject_kind,
    subject_id
from task
where done_at is null
    and owner_id::varchar = $employee_id
order by due_at nulls last, created_at
limit 8
