-- Events that would go: one row.
select
    count(*) as rows,
    0::bigint as bytes
from ami_event
where received_at < $until_at
    and (call_id is null or call_id not in (select call_id from held_call))
