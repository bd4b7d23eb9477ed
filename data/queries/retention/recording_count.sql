-- Recordings whose sound would go: one row.
select
    count(*) as rows,
    coalesce(sum(bytes), 0)::bigint as bytes
from recording
where state = 'present'
    and started_at < $until_at
    and call_id not in (select call_id from held_call)
