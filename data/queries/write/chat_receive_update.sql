-- What messages change of their chats: a closed one comes back to its former responsible, if he still works here.
-- rows: a JSON list, one per chat; first_at is the client's first of these messages, last_at the latest of all.
update chat
set
    user_key = heard.user_key,
    title = coalesce(heard.title, chat.title),
    number = coalesce(heard.number, chat.number),
    state = case when not comes_back then chat.state when is_here then 'active' else 'queued' end,
    assignee_id = case when comes_back and not is_here then null else chat.assignee_id end,
    queued_at = case when comes_back and not is_here then $at else chat.queued_at end,
    taken_at = case when not comes_back then chat.taken_at when is_here then $at end,
    answered_at = case when not comes_back then coalesce(chat.answered_at, heard.ours_at) end,
    closed_at = case when not comes_back then chat.closed_at end,
    version = chat.version + comes_back::integer,
    unread_count = chat.unread_count + heard.from_client,
    client_wrote_at = greatest(chat.client_wrote_at, heard.client_at),
    waiting_since = case
        -- The last word is ours: what came late was written before it.
        when former_ours_at >= heard.client_at then chat.waiting_since
        when heard.ours_at >= greatest(chat.client_wrote_at, heard.client_at) then null
        else coalesce(chat.waiting_since, heard.first_at)
    end,
    last_message_at = greatest(chat.last_message_at, heard.last_at),
    last_message_ours = case when is_latest then heard.last_ours else chat.last_message_ours end,
    last_text = case when is_latest then heard.last_text else chat.last_text end,
    last_kind = case when is_latest then heard.last_kind else chat.last_kind end
from (
    select
        one.chat_id::uuid as chat_id,
        one.user_key,
        one.title,
        one.number,
        one.from_client,
        one.first_at::timestamptz as first_at,
        one.client_at::timestamptz as client_at,
        one.ours_at::timestamptz as ours_at,
        one.last_at::timestamptz as last_at,
        one.last_ours,
        one.last_text,
        one.last_kind,
        former.state = 'closed' and one.from_client > 0 as comes_back,
        coalesce(employee.active, false) as is_here,
        former.last_message_at is null or one.last_at::timestamptz >= former.last_message_at as is_latest,
        case when former.last_message_ours then former.last_message_at end as former_ours_at
    from (
        select unnest(
            from_json(
                $rows,
                '[{"chat_id": "VARCHAR", "user_key": "VARCHAR", "title": "VARCHAR", "number": "VARCHAR",
                   "from_client": "INTEGER", "first_at": "VARCHAR", "client_at": "VARCHAR", "ours_at": "VARCHAR",
                   "last_at": "VARCHAR", "last_ours": "BOOLEAN", "last_text": "VARCHAR", "last_kind": "VARCHAR"}]'
            )
        ) as one
    )
    inner join chat as former
        on former.chat_id = one.chat_id::uuid
    left join employee
        on employee.employee_id = former.assignee_id
) as heard
where chat.chat_id = heard.chat_id
