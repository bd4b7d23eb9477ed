-- The last word is ours. Who answers a queued chat first becomes its responsible; a closed one comes back to life.
update chat
set
    assignee_id = owner.employee_id,
    watcher_ids = list_filter(chat.watcher_ids, lambda watcher: watcher is distinct from owner.employee_id),
    state = case
        when chat.state = 'active' or owner.employee_id is not null then 'active'
        else 'queued'
    end,
    taken_at = case when chat.state != 'active' and owner.employee_id is not null then $at else chat.taken_at end,
    answered_at = case when chat.state = 'closed' then $at else coalesce(chat.answered_at, $at) end,
    closed_at = null,
    waiting_since = null,
    unread_count = 0,
    last_message_at = greatest(chat.last_message_at, $at),
    last_message_ours = true,
    last_text = $last_text,
    last_kind = $last_kind,
    version = chat.version + (chat.state != 'active')::integer
from (
    select
        chat_id,
        case
            when state = 'queued' then $employee_id::uuid
            else coalesce(assignee_id, $employee_id::uuid)
        end as employee_id
    from chat
    where chat_id = $chat_id::uuid
) as owner
where chat.chat_id = owner.chat_id
