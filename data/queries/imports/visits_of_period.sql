-- Calls of a period that were in a queue, as a check needs them.
select
    call_id,
    started_at,
    ended_at,
    outcome,
    reason,
    incomplete,
    queues
from call
where started_at >= $from_at
    and started_at < $until_at
    and pbx = $pbx
    and len(queues) > 0
