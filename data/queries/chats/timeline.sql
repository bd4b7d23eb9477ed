-- What was said and done in a chat: messages, notes and events, in the order of time. One row per entry.
-- before: only what comes before that entry; after: behind it; from: with it and behind it.
with entry as (
    select
        'message' as entry,
        message_id::varchar as id,
        sent_at as happened_at
    from message
    where chat_id = $chat_id::uuid
    union all
    select
        'event',
        event_id::varchar,
        happened_at
    from chat_event
    where chat_id = $chat_id::uuid
),

page as (
    select *
    from entry
    where ($before_at::timestamptz is null or (happened_at, id) < ($before_at::timestamptz, $before_id::varchar))
        and ($after_at::timestamptz is null or (happened_at, id) > ($after_at::timestamptz, $after_id::varchar))
        and ($from_at::timestamptz is null or (happened_at, id) >= ($from_at::timestamptz, $from_id::varchar))
    order by happened_at |way|, id |way|
    limit $limit
)

select
    page.entry,
    page.id,
    page.happened_at,
    coalesce(message.kind, chat_event.kind) as kind,
    coalesce(message.ours, false) as ours,
    coalesce(message.author, chat_event.actor) as author,
    message.author_name,
    case when message.deleted_at is null then message.text end as text,
    message.state,
    message.error,
    case when message.deleted_at is null then message.payload end as payload,
    message.client_key,
    message.media_state,
    message.media_name,
    message.media_type,
    message.media_bytes,
    message.edited_at,
    message.deleted_at,
    message.delivered_at,
    message.read_at,
    message.reaction,
    coalesce(list_has_any(message.mention_ids, $mine::uuid[]), false) as mentions_me,
    message.replies_to::varchar as replies_to,
    quoted.kind as quoted_kind,
    quoted.ours as quoted_ours,
    quoted.author_name as quoted_author,
    case when quoted.deleted_at is null then left(quoted.text, 200) end as quoted_text,
    chat_event.detail,
    employee.name as employee
from page
left join message
    on page.entry = 'message'
    and message.chat_id = $chat_id::uuid
    and message.message_id = page.id::uuid
left join message as quoted
    on quoted.chat_id = $chat_id::uuid
    and quoted.message_id = message.replies_to
left join chat_event
    on page.entry = 'event'
    and chat_event.chat_id = $chat_id::uuid
    and chat_event.event_id = page.id::uuid
left join employee on employee.employee_id = chat_event.employee_id
order by page.happened_at, page.id
