-- Calls that began in a period, as a check needs them.
select
    call_id,
    started_at,
    ended_at,
    outcome,
    reason,
    incomplete
from call
where started_at >= $from_at
    and started_at < $until_at
    and pbx = $pbx
