-- No row: somebody else changed the person meanwhile.
update contact
set
    name = $name,
    position = $position,
    emails = $emails::varchar[],
    changed_at = $at,
    changed_by = $actor,
    stored_at = get_current_timestamp(),
    version = version + 1
where contact_id = $contact_id::uuid
    and version = $version
