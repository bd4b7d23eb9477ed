-- Chats of some accounts in which something happened lately, and what automation did in them. One row per chat.
select
    chat.chat_id::varchar as chat_id,
    chat.chat_no,
    chat.title,
    chat.number,
    chat.version,
    account.responsible_id::varchar as responsible_id,
    chat.messenger_account,
    chat.messenger,
    chat.state,
    chat.created_at,
    chat.waiting_since,
    chat.client_wrote_at,
    chat.closed_at,
    coalesce(done.keys, []) as done
from chat
left join account on account.account_id = chat.account_id
left join (
    select
        chat_id,
        list(rule || ' ' || event_key) as keys
    from chat_automation
    where acted_at >= $from_at
    group by chat_id
) as done
    on done.chat_id = chat.chat_id
where not chat.is_group
    and chat.messenger_account in (select unnest($accounts))
    and (chat.waiting_since >= $from_at or chat.closed_at >= $from_at)
order by chat.created_at, chat.chat_id
