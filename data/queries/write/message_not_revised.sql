-- The messenger refused what was wanted, unless something newer is.
update message
set change_error = $error
where message_id = $message_id::uuid
    and change_kind = $kind
    and change_text is not distinct from $text
