update lead
set call_id = moved_call.call_id
from moved_call
where lead.call_id = moved_call.alias;
