-- What is over and nobody holds: the preview counts by the same words by which it goes.

-- name: chat_is_over
state = 'closed'
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
