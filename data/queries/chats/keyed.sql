-- Chats by the ids of their clients at the messenger. One row per chat; accounts and keys are lists of one length.
select
    chat.chat_id::varchar as chat_id,
    chat.messenger_account,
    chat.user_key
from chat
inner join (
    select
        unnest($accounts) as messenger_account,
        unnest($keys) as user_key
) as wanted using (messenger_account, user_key)
