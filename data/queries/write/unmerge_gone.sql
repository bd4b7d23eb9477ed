update account
set
    merged_into = null,
    changed_at = $at,
    stored_at = get_current_timestamp(),
    changed_by = $actor,
    version = version + 1
where account_id = (select gone_id from account_merge where merge_id = $merge_id::uuid)
