-- The chats in which messages with these ids of the messenger stand.
select distinct message.chat_id::varchar as chat_id
from message
inner join chat using (chat_id)
where message.sent_at >= $from_at
    and message.messenger_message_id in (select unnest($ids))
    and chat.messenger_account in (select unnest($accounts))
