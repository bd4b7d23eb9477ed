-- Numbers seen for the first time, with what their calls say of them.
insert into number by name
select
    new_number.*,
    seen.first_id as first_call_id,
    seen.first_at as first_call_at,
    seen.last_at as last_call_at,
    seen.contact_at as last_contact_at,
    seen.open_since_at
from new_number
inner join seen using (number);
