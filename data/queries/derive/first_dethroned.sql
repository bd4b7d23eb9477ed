-- A call that was the first of its number until an earlier one arrived.
update call
set first_of_number = false
from touched
where call.call_id = touched.first_call_id
    and call.started_at = touched.first_call_at
    and touched.first_id != touched.first_call_id
    and call.started_at >= $first_from;
