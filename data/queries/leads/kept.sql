-- What is written down of one lead. At most one row.
select
    lead_id::varchar as lead_id,
    call_id,
    name,
    number,
    responsible_id::varchar as responsible_id,
    state,
    comment,
    result,
    version
from lead
where (($call_id is not null and call_id = $call_id) or lead_id = $lead_id::uuid)
    and ($every_row or call_id is not null or created_by = $user)
order by changed_at desc, lead_id
limit 1
