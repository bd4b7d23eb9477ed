-- The message that somebody sent under this id of his own. At most one row.
select message_id::varchar as message_id
from message
where chat_id = $chat_id::uuid
    and author = $user
    and client_key = $client_key
