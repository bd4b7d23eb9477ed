-- Open tasks of those who were told of a client that waits, and whose client waits no more. One row per task.
select
    task.task_id::varchar as task_id,
    task.version
from task
inner join chat
    on chat.chat_id = try_cast(task.subject_id as uuid)
where task.created_by = $actor
    and task.subject_kind = 'chat'
    and task.done_at is null
    and (chat.waiting_since is null or chat.state = 'closed')
