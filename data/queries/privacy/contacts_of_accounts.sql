-- Contact persons of these clients, removed ones too: one row each.
select contact_id::varchar as contact_id
from contact
where list_contains($accounts::varchar[], account_id::varchar)
union all
select contact_id::varchar
from contact_gone
where list_contains($accounts::varchar[], account_id::varchar)
