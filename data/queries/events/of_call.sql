-- The stored events of the call $call_id in the order of the journal.
select
    pbx,
    sequence,
    received_at,
    event_at,
    name,
    channels,
    fields
from ami_event
where call_id = $call_id
order by sequence
