-- Messages that came in, or were written by us in the messenger's own app. rows: a JSON list.
insert into message (
    message_id,
    chat_id,
    messenger_message_id,
    kind,
    ours,
    author_name,
    text,
    sent_at,
    state,
    replies_to,
    payload,
    media_state,
    media_ref,
    media_name,
    media_type,
    media_bytes,
    stored_at
)
select
    came.message_id::uuid,
    came.chat_id::uuid,
    came.messenger_message_id,
    came.kind,
    came.ours,
    came.author_name,
    came.text,
    came.sent_at::timestamptz,
    came.state,
    came.replies_to::uuid,
    came.payload,
    came.media_state,
    came.media_ref,
    came.media_name,
    came.media_type,
    came.media_bytes,
    $at
from (
    select unnest(
        from_json(
            $rows,
            '[{"message_id": "VARCHAR", "chat_id": "VARCHAR", "messenger_message_id": "VARCHAR", "kind": "VARCHAR",
               "ours": "BOOLEAN", "author_name": "VARCHAR", "text": "VARCHAR", "sent_at": "VARCHAR",
               "state": "VARCHAR", "replies_to": "VARCHAR", "payload": "VARCHAR", "media_state": "VARCHAR",
               "media_ref": "VARCHAR", "media_name": "VARCHAR", "media_type": "VARCHAR", "media_bytes": "BIGINT"}]'
        )
    ) as came
)
