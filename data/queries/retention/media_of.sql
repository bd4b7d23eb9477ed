-- Files of these chats that no other message names: one row each.
select distinct media
from message
where media is not null
    and list_contains($ids::varchar[], chat_id::varchar)
    and media not in (
        select media
        from message
        where media is not null
            and not list_contains($ids::varchar[], chat_id::varchar)
    )
