-- One message of a chat, as far as a second thought about it needs. At most one row.
select
    message_id::varchar as message_id,
    kind,
    ours,
    author,
    text,
    state,
    sent_at,
    deleted_at,
    change_kind
from message
where chat_id = $chat_id::uuid
    and message_id = $message_id::uuid
