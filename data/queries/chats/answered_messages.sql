-- The messages that replies quote, by their ids at the messenger.
select
    messenger_message_id,
    chat_id::varchar as chat_id,
    message_id::varchar as message_id
from message
where messenger_message_id in (select unnest($ids))
    and chat_id in (select unnest($chat_ids)::uuid)
