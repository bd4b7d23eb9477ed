-- One message of a chat in short. At most one row.
select
    kind,
    ours,
    state
from message
where chat_id = $chat_id::uuid
    and message_id = $message_id::uuid
