-- No row: somebody else changed the card meanwhile.
update account
set
    name = $name,
    folded = replace(lower($name), 'ё', 'е'),
    kind = $kind,
    responsible_id = $responsible_id::uuid,
    emails = $emails::varchar[],
    messengers = $messengers::varchar[],
    notes = $notes,
    external_id = $external_id,
    changed_at = $at,
    changed_by = $actor,
    stored_at = get_current_timestamp(),
    version = version + 1
where account_id = $account_id::uuid
    and version = $version
    and merged_into is null
