update number
set
    first_call_id = seen.first_id,
    first_call_at = seen.first_at,
    last_call_at = seen.last_at,
    last_contact_at = seen.contact_at,
    open_since_at = seen.open_since_at
from seen
where number.rowid = seen.row;
