-- How many open tasks somebody has, and of what he is to be reminded soon. One row.
with me as (
    select employee_id
    from extension
    where list_contains($extensions::varchar[], extension.extension)
        and (until_at is null or until_at > $at)
    union
    select $employee_id::uuid
    where $employee_id is not null
),

mine as (
    select *
    from task
    where done_at is null
        and (
            coalesce(owner_id in (select employee_id from me), false)
            or (owner_id is null and created_by = $user)
        )
)

select
    count(*) as open,
    count(*) filter (where due_at < $at) as overdue,
    count(*) filter (where due_at < $day_end) as due,
    coalesce(
        list(
            {task_id: task_id::varchar, title: title, remind_at: remind_at, due_at: due_at}
            order by remind_at, task_id
        ) filter (where remind_at < $soon),
        []
    ) as reminders
from mine
