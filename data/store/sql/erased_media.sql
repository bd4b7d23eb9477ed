-- Files of his messages that no other message names.
select distinct media
from message
where media is not null
    and chat_id in (select chat_id from erased_chat)
    and media not in (
        select media
        from message
        where media is not null
            and chat_id not in (select chat_id from erased_chat)
    )
