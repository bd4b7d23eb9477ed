-- Queue visits of calls, in their order.
select
    call_id,
    position,
    queue,
    entered_at,
    left_at,
    wait_s,
    place_at_entry,
    result,
    answered_by
from queue_visit
where entered_at >= $from_at
    and entered_at < $until_at
    and list_contains($call_ids::varchar[], call_id)
order by call_id, position
