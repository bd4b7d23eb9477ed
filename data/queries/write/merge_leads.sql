update lead
set account_id = $kept_id::uuid
where account_id = $gone_id::uuid
