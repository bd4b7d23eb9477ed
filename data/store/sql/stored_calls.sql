-- Which of these calls are stored: one row per call. Only calls that started within the period are
-- looked at, so that zone maps leave out nearly the whole table.
select
    call_id,
    started_at,
    ended_at
from call
where started_at >= $from_at
    and started_at < $until_at
    and list_contains($call_ids::varchar[], call_id);
