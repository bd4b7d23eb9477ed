-- One chat with everything that stands beside its messages. At most one row.
select
    chat.chat_id::varchar as chat_id,
    chat.chat_no,
    chat.messenger,
    chat.messenger_account,
    messenger_account.title as account_title,
    json_extract_string(messenger_account.config, '$.automation.signature') as signature,
    coalesce(messenger_account.enabled, false) as is_connected,
    chat.user_key,
    chat.title,
    chat.number,
    chat.account_id::varchar as account_id,
    account.name as client,
    chat.contact_id::varchar as contact_id,
    contact.name as contact,
    chat.assignee_id::varchar as assignee_id,
    employee.name as assignee,
    coalesce(list_contains($mine::uuid[], chat.assignee_id), false) as is_mine,
    list_has_any(chat.watcher_ids, $mine::uuid[]) as is_watched,
    (
        select coalesce(list({id: watcher.employee_id::varchar, name: watcher.name} order by watcher.name), [])
        from employee as watcher
        where list_contains(chat.watcher_ids, watcher.employee_id)
    ) as watchers,
    (
        select coalesce(
            list({tag_id: tag.tag_id::varchar, title: tag.title, colour: tag.colour} order by tag.title), []
        )
        from chat_tag
        inner join tag using (tag_id)
        where chat_tag.chat_id = chat.chat_id
    ) as tags,
    (
        select any_value(lead.lead_id::varchar)
        from lead
        where lead.chat_id = chat.chat_id
    ) as lead_id,
    (select seen_at from chat_seen where chat_seen.chat_id = chat.chat_id and login = $user) as seen_at,
    chat.state,
    chat.is_group,
    chat.created_at,
    chat.queued_at,
    chat.taken_at,
    chat.closed_at,
    chat.last_message_at,
    chat.client_wrote_at,
    chat.waiting_since,
    chat.version
from chat
left join messenger_account on messenger_account.account = chat.messenger_account
left join employee on employee.employee_id = chat.assignee_id
left join account on account.account_id = chat.account_id
left join contact on contact.contact_id = chat.contact_id
where chat.chat_id = $chat_id::uuid
    and |seen|
