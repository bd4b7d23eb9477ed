-- From one state to the next; no row where somebody else was quicker.
update outbox
set
    state = $state,
    error = $error,
    payload = coalesce($payload, payload),
    attempts = attempts + case when $state = 'sent' then 1 else 0 end,
    changed_at = $changed_at
where outbox_id = $outbox_id::uuid
    and state = $former
