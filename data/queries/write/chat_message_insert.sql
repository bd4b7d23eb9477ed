-- What somebody writes into a chat. No row: he sent the same already (client_key).
insert into message (
    message_id, chat_id, kind, ours, author, author_name, text, sent_at, stored_at, state, replies_to, client_key, payload,
    media, media_state, media_name, media_type, media_bytes, mention_ids
)
select
    $message_id::uuid,
    $chat_id::uuid,
    $kind,
    true,
    $author,
    $author_name,
    $text,
    $at,
    $at,
    $state,
    $replies_to::uuid,
    $client_key,
    $payload,
    $media,
    $media_state,
    $media_name,
    $media_type,
    $media_bytes,
    $mention_ids::uuid[]
where not exists (
    select 1
    from message
    where chat_id = $chat_id::uuid
        and author = $author
        and client_key = $client_key
)
