-- Messages to be sent, and to be changed at the messenger, now, the oldest of each chat: what comes after it waits.
-- Typing and the like have no order.
select
    outbox.outbox_id::varchar as outbox_id,
    outbox.kind as order_kind,
    outbox.target,
    outbox.attempts,
    outbox.created_at,
    message.message_id::varchar as message_id,
    message.chat_id::varchar as chat_id,
    message.kind,
    message.text,
    message.media,
    message.media_name,
    message.media_type,
    message.media_bytes,
    message.payload,
    message.state,
    message.messenger_message_id,
    message.sent_at,
    message.change_kind,
    message.change_text,
    chat.user_key,
    answered.messenger_message_id as reply_to
from (
    select
        *,
        row_number() over (partition by coalesce(chat_id::varchar, outbox_id::varchar) order by created_at, outbox_id) as place
    from (
        select
            outbox.*,
            message.chat_id
        from outbox
        left join message on message.message_id = try_cast(outbox.subject_id as uuid)
        where outbox.kind in ('message', 'revision')
            and outbox.state in ('queued', 'sent')
    )
) as outbox
left join message
    on message.message_id = try_cast(outbox.subject_id as uuid)
left join chat
    on chat.chat_id = message.chat_id
left join message as answered
    on answered.message_id = message.replies_to
where outbox.place = 1
    and outbox.state = 'queued'
    and (outbox.next_attempt_at is null or outbox.next_attempt_at <= $now)
    and not (
        -- It may have arrived: what the messenger told until now is read first.
        coalesce(outbox.in_doubt, false)
        and exists (
            select 1
            from hook_event
            where hook_event.account = outbox.target
                and hook_event.state = 'new'
                and hook_event.received_at <= outbox.next_attempt_at
        )
    )
order by outbox.created_at
limit $limit
