update phone_assignment
set
    account_id = $kept_id::uuid,
    stored_at = get_current_timestamp()
where account_id = $gone_id::uuid
