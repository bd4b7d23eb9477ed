update ami_event
set call_id = moved_call.call_id
from moved_call
where ami_event.call_id = moved_call.alias
    and ami_event.received_at >= $from_at
    and ami_event.received_at < $until_at;
