-- The chats of a client or of a number, the latest first. One row per chat.
-- $account_id: null where the number is nobody's; $number: normal form, null where hidden.
select
    chat.chat_id::varchar as chat_id,
    chat.messenger,
    chat.title,
    chat.state,
    coalesce(chat.last_message_at, chat.created_at) as happened_at,
    (
        select arg_max(message.text, message.sent_at)
        from message
        where message.chat_id = chat.chat_id
            and message.kind != 'note'
    ) as last_text
from chat
where (chat.account_id = $account_id::uuid or chat.number = $number)
    and |seen|
order by happened_at desc, chat_id
limit $limit
