-- Somebody begins with an order; no row where somebody else was quicker, however it went with him.
update outbox
set
    state = 'sent',
    attempts = attempts + 1,
    changed_at = $changed_at
where outbox_id = $outbox_id::uuid
    and state = 'queued'
    and attempts = $attempts
