-- A wish that the messenger refused is wanted no more; none where it is on its way.
update message
set
    change_kind = null,
    change_text = null,
    change_error = null
where message_id = $message_id::uuid
    and change_error is not null
