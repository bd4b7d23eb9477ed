-- The id of a person in another system. No row: there is no such person, or another one has that id.
update contact
set external_id = $external_id
where contact_id = $contact_id::uuid
    and (
        $external_id is null
        or not exists (
            from contact as other
            where other.external_id = $external_id
                and other.contact_id != $contact_id::uuid
        )
    )
