-- The messenger did what was wanted; a newer wish stays.
update message
set
    change_kind = null,
    change_text = null,
    change_error = null
where message_id = $message_id::uuid
    and change_kind = $kind
    and change_text is not distinct from $text
