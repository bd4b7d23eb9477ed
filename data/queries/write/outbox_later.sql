-- Not now: to be tried again at a later moment.
update outbox
set
    state = 'queued',
    error = $error,
    next_attempt_at = $next_attempt_at,
    in_doubt = $in_doubt,
    changed_at = $changed_at
where outbox_id = $outbox_id::uuid
    and state = 'sent'
