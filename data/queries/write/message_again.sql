-- A message that was not sent waits once more; none where it did not fail.
update message
set
    state = 'queued',
    error = null,
    former_ids = case
        when messenger_message_id is null then former_ids
        else list_append(coalesce(former_ids, []), messenger_message_id)
    end,
    messenger_message_id = null
where message_id = $message_id::uuid
    and ours
    and state = 'failed'
