-- Until now the numbers were the person's, and that is never forgotten.
update phone_assignment
set
    until_at = greatest($at, from_at),
    stored_at = get_current_timestamp()
where contact_id = $contact_id::uuid
    and until_at is null
