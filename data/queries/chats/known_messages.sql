-- Which ids of the messenger are known in which chats. One row per message; the period keeps the scan short.
select
    messenger_message_id,
    chat_id::varchar as chat_id
from message
where sent_at >= $from_at
    and sent_at <= $until_at
    and messenger_message_id in (select unnest($ids))
