-- Numbers of a person who is removed stay the client's: whose they were is never forgotten.
update phone_assignment
set contact_id = null
where contact_id = $contact_id::uuid
