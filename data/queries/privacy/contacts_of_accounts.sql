-- Contact persons of these clients: one row each.
select contact_id::varchar as contact_id
from contact
where list_contains($accounts::varchar[], account_id::varchar)
