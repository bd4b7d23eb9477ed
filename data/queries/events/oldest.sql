-- When the oldest event was received that no hold keeps: one row, null while there are none.
select min(received_at) as oldest_at
from ami_event
where call_id is null
    or call_id not in (select call_id from held_call)
