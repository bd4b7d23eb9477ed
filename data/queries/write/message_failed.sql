update message
set
    state = 'failed',
    error = $error
where message_id = $message_id::uuid
    and state = 'queued'
