-- Some of the closed chats whose time is over, the oldest first, behind the place ($after_at, $after_id).
select
    chat_id::varchar as id,
    coalesce(last_message_at, created_at) as at
from chat
where |chat_is_over|
    and (
        coalesce(last_message_at, created_at) > $after_at
        or (coalesce(last_message_at, created_at) = $after_at and chat_id::varchar > $after_id)
    )
order by coalesce(last_message_at, created_at), chat_id::varchar
limit $limit
