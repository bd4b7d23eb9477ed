-- Chats of one state, who waits longest first; closed ones the latest first. One row per chat.
-- unread: the client's messages that the user has not read; of a chat he never opened, those without an answer.
with page as (
    select
        chat.*,
        seen.seen_at
    from chat
    left join chat_seen as seen
        on seen.chat_id = chat.chat_id
        and seen.login = $user
    where chat.state = $state
        and |seen|
        and |asked|
    order by
        case when $state = 'closed' then chat.closed_at end desc nulls last,
        chat.waiting_since nulls last,
        coalesce(chat.last_message_at, chat.created_at) desc,
        chat.chat_id
    limit $limit
),

found as (
    select
        message.chat_id,
        arg_max(message.text, message.sent_at) as text,
        arg_max(message.message_id, message.sent_at) as message_id
    from message
    where $words is not null
        and message.chat_id in (select page.chat_id from page)
        and message.deleted_at is null
        and contains(replace(lower(message.text), 'ё', 'е'), $words)
    group by message.chat_id
)

select
    page.chat_id::varchar as chat_id,
    page.chat_no,
    page.messenger,
    page.messenger_account,
    page.title,
    page.number,
    page.account_id::varchar as account_id,
    account.name as client,
    contact.name as contact,
    page.state,
    page.assignee_id::varchar as assignee_id,
    employee.name as assignee,
    coalesce(list_contains($mine::uuid[], page.assignee_id), false) as is_mine,
    list_has_any(page.watcher_ids, $mine::uuid[]) as is_watched,
    page.is_group,
    page.created_at,
    page.closed_at,
    page.last_message_at,
    page.last_message_ours,
    page.last_text,
    page.last_kind,
    page.waiting_since,
    (
        select count(*)
        from message
        where message.chat_id = page.chat_id
            and not message.ours
            and message.kind not in ('note', 'system')
            and message.sent_at > coalesce(page.seen_at, page.waiting_since - interval 1 microsecond)
    ) as unread,
    (
        select coalesce(list(tag.title order by tag.title), [])
        from chat_tag
        inner join tag using (tag_id)
        where chat_tag.chat_id = page.chat_id
    ) as tags,
    found.text as found_text,
    found.message_id::varchar as found_message_id
from page
left join employee on employee.employee_id = page.assignee_id
left join account on account.account_id = page.account_id
left join contact on contact.contact_id = page.contact_id
left join found on found.chat_id = page.chat_id
order by
    case when $state = 'closed' then page.closed_at end desc nulls last,
    page.waiting_since nulls last,
    coalesce(page.last_message_at, page.created_at) desc,
    page.chat_id
