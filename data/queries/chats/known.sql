-- Whether there is such a chat. At most one row.
select chat_id::varchar as chat_id
from chat
where chat_id = $chat_id::uuid
