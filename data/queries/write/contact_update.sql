-- No row: somebody else changed the person meanwhile.
update contact
set
    name = $name,
    folded = replace(lower($name), 'ё', 'е'),
    position = $position,
    emails = $emails::varchar[],
    messengers = $messengers::varchar[],
    changed_at = $at,
    changed_by = $actor,
    stored_at = get_current_timestamp(),
    version = version + 1
where contact_id = $contact_id::uuid
    and version = $version
