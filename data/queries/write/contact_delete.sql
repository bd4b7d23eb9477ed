-- No row: somebody else changed or removed the person meanwhile.
delete from contact
where contact_id = $contact_id::uuid
    and version = $version
