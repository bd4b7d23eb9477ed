update account
set
    responsible_id = $responsible_id::uuid,
    notes = $notes,
    emails = $emails::varchar[],
    messengers = $messengers::varchar[],
    changed_at = $at,
    stored_at = get_current_timestamp(),
    changed_by = $actor,
    version = version + 1
where account_id = $kept_id::uuid
