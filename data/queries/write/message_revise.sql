-- What is wanted of a message of ours that stands; the newest wish counts.
update message
set
    change_kind = $kind,
    change_text = $text,
    change_error = null
where message_id = $message_id::uuid
    and ours
    and deleted_at is null
