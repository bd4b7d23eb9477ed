-- The messenger has it. A receipt may have told more already.
update message
set
    messenger_message_id = $messenger_message_id,
    state = case when state = 'queued' then 'sent' else state end,
    error = case when state = 'failed' then error end
where message_id = $message_id::uuid
