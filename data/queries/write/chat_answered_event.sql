-- What an answer will change of a chat that nobody works on: to be run before `chat_answered`.
insert into chat_event (event_id, chat_id, happened_at, kind, actor, employee_id, detail)
select
    $event_id::uuid,
    chat_id,
    $at,
    case state when 'queued' then 'taken' else 'reopened' end,
    $actor,
    case state when 'queued' then $employee_id::uuid else coalesce(assignee_id, $employee_id::uuid) end,
    $detail
from chat
where chat_id = $chat_id::uuid
    and (
        (state = 'queued' and $employee_id::uuid is not null)
        or state = 'closed'
    )
