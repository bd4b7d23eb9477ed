-- Closed chats that would go, and the bytes of their files: one row.
with gone as (
    select chat_id
    from chat
    where state = 'closed'
        and coalesce(last_message_at, created_at) < $until_at
        and (
            account_id is null
            or account_id::varchar not in (
                select subject_id
                from legal_hold
                where lifted_at is null
                    and subject_kind = 'account'
            )
        )
        and (
            number is null
            or number::varchar not in (
                select subject_id
                from legal_hold
                where lifted_at is null
                    and subject_kind = 'number'
            )
        )
)

select
    (select count(*) from gone) as rows,
    (
        select coalesce(sum(media_bytes), 0)::bigint
        from message
        where chat_id in (select chat_id from gone)
    ) as bytes
