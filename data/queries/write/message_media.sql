-- What became of the file of a message that came in.
update message
set
    media = $media,
    media_state = $media_state,
    media_type = coalesce($media_type, media_type),
    media_bytes = coalesce($media_bytes, media_bytes)
where message_id = $message_id::uuid
    and media_state = 'expected'
