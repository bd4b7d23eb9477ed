-- Gaps of a PBX that are over and may still be filled.
select
    started_at,
    ended_at
from gap
where pbx = $pbx
    and not filled
    and ended_at is not null
    and ended_at >= $ended_after_at
order by started_at
