-- One message with what its file is, and whose chat it stands in. At most one row.
select
    message.message_id::varchar as message_id,
    message.chat_id::varchar as chat_id,
    message.kind,
    message.ours,
    message.state,
    message.media,
    message.media_state,
    message.media_name,
    message.media_type,
    message.media_bytes,
    message.deleted_at,
    chat.messenger_account
from message
inner join chat using (chat_id)
where message.message_id = $message_id::uuid
