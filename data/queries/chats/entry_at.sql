-- When a message of a chat was sent. At most one row.
select sent_at
from message
where chat_id = $chat_id::uuid
    and message_id = $message_id::uuid
