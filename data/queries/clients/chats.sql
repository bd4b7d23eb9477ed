-- Chats with the client, the latest first: where one can write to him.
select
    chat_id::varchar as chat_id,
    messenger,
    title
from chat
where account_id = $account_id::uuid
    and |seen|
order by coalesce(last_message_at, created_at) desc
