-- Messages that wait to be tried again, and of which the messenger told meanwhile: they are not sent a second time.
update outbox
set
    state = case when message.state = 'failed' then 'failed' else 'done' end,
    error = message.error,
    changed_at = $at
from message
where outbox.kind = 'message'
    and outbox.state = 'queued'
    and outbox.subject_id in (select unnest($message_ids))
    and message.message_id = try_cast(outbox.subject_id as uuid)
    and message.messenger_message_id is not null
