-- No row: somebody else changed or removed the person meanwhile. (`contact_gone` has him by then.)
delete from contact
where contact_id = $contact_id::uuid
    and version = $version
