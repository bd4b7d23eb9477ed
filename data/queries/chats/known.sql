-- Whether there is such a chat among those the user may see. At most one row.
select chat_id::varchar as chat_id
from chat
where chat_id = $chat_id::uuid
    and |seen|
