-- Closed chats that would go, and the bytes of their files: one row.
with gone as (
    select chat_id
    from chat
    where |chat_is_over|
)

select
    (select count(*) from gone) as rows,
    (
        select coalesce(sum(media_bytes), 0)::bigint
        from message
        where chat_id in (select chat_id from gone)
    ) as bytes
