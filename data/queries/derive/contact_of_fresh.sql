-- First call of its number, and next conversation, of the calls just written.
update call
set
    first_of_number = found.is_first,
    contact_after_at = found.contact_after_at
from (
    select
        fresh.call_id,
        fresh.call_id = any_value(touched.first_id) as is_first,
        min(talk.talked_at) as contact_after_at
    from fresh
    inner join touched using (number)
    left join talk
        on fresh.is_missed
        and talk.number = fresh.number
        and talk.talked_at > fresh.started_at
    group by fresh.call_id
) as found
where call.call_id = found.call_id
    and call.started_at >= $fresh_from;
