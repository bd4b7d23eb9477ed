-- A message that was not sent waits once more; none where it did not fail.
update message
set
    state = 'queued',
    error = null,
    messenger_message_id = null
where message_id = $message_id::uuid
    and ours
    and state = 'failed'
