-- Of these ids, those whose calls began before a moment: a period that begins there does not hold them.
select call_id
from call
where pbx = $pbx
    and list_contains($ids, call_id)
    and started_at >= $since_at
    and started_at < $from_at
