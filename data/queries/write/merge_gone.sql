update account
set
    merged_into = $kept_id::uuid,
    changed_at = $at,
    stored_at = get_current_timestamp(),
    changed_by = $actor,
    version = version + 1
where account_id = $gone_id::uuid
