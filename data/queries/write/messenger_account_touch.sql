-- A secret of it changed: whoever holds the account in memory looks again.
update messenger_account
set
    changed_at = $at,
    changed_by = $actor,
    version = version + 1
where account = $account
