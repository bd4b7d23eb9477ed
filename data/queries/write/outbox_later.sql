-- Not now: to be tried again at a later moment. held_at: where its mark is still that one.
update outbox
set
    state = 'queued',
    error = $error,
    next_attempt_at = $next_attempt_at,
    in_doubt = $in_doubt,
    changed_at = $changed_at
where outbox_id = $outbox_id::uuid
    and state = 'sent'
    and ($held_at::timestamptz is null or changed_at = $held_at::timestamptz)
