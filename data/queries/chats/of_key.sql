-- The chat with somebody at an account. At most one row.
select chat_id::varchar as chat_id
from chat
where messenger_account = $account
    and user_key = $user_key
