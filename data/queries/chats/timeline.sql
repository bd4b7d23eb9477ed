-- What was said and done in a chat: messages, notes and events, in the order of time. One row per entry.
-- before: only what comes before that entry; after: behind it; from: with it and behind it.
--
-- A page of a long chat must not cost the whole chat: moments are compared first, alone (the scan leaves out what lies
-- outside), and of the rows found only their places are sorted; all else is read for the rows of the page.
with entry as (
    select
        'message' as entry,
        message.rowid as place,
        message_id as id,
        sent_at as happened_at
    from message
    where chat_id = $chat_id::uuid
        and sent_at >= coalesce($after_at, $from_at, timestamptz '-infinity')
        and sent_at <= coalesce($before_at, timestamptz 'infinity')
    union all
    select
        'event',
        chat_event.rowid,
        event_id,
        happened_at
    from chat_event
    where chat_id = $chat_id::uuid
        and happened_at >= coalesce($after_at, $from_at, timestamptz '-infinity')
        and happened_at <= coalesce($before_at, timestamptz 'infinity')
),

page as materialized (
    select *
    from entry
    where ($before_at::timestamptz is null or happened_at < $before_at or id < $before_id::uuid)
        and ($after_at::timestamptz is null or happened_at > $after_at or id > $after_id::uuid)
        and ($from_at::timestamptz is null or happened_at > $from_at or id >= $from_id::uuid)
    order by happened_at |way|, id |way|
    limit $limit
),

said as (
    select
        page.id as said_id,
        message.*
    from page
    inner join message on message.rowid = page.place
    where page.entry = 'message'
),

answered as materialized (
    select
        message_id,
        kind,
        ours,
        author_name,
        case when deleted_at is null then left(text, 200) end as text
    from message
    where chat_id = $chat_id::uuid
        and message_id in (select replies_to from said where replies_to is not null)
),

done as (
    select
        page.id as done_id,
        chat_event.kind,
        chat_event.actor,
        chat_event.detail,
        employee.name as employee
    from page
    inner join chat_event on chat_event.rowid = page.place
    left join employee on employee.employee_id = chat_event.employee_id
    where page.entry = 'event'
)

select
    page.entry,
    page.id::varchar as id,
    page.happened_at,
    coalesce(said.kind, done.kind) as kind,
    coalesce(said.ours, false) as ours,
    coalesce(said.author, done.actor) as author,
    said.author_name,
    case when said.deleted_at is null then said.text end as text,
    said.state,
    said.error,
    case when said.deleted_at is null then said.payload end as payload,
    said.client_key,
    said.media_state,
    said.media_name,
    said.media_type,
    said.media_bytes,
    said.edited_at,
    said.deleted_at,
    said.delivered_at,
    said.read_at,
    said.reaction,
    said.change_kind,
    said.change_text,
    said.change_error,
    coalesce(list_has_any(said.mention_ids, $mine::uuid[]), false) as mentions_me,
    said.replies_to::varchar as replies_to,
    answered.kind as quoted_kind,
    answered.ours as quoted_ours,
    answered.author_name as quoted_author,
    answered.text as quoted_text,
    done.detail,
    done.employee
from page
left join said on said.said_id = page.id and page.entry = 'message'
left join answered on answered.message_id = said.replies_to
left join done on done.done_id = page.id and page.entry = 'event'
order by page.happened_at, page.id
