-- Times of a period in which nobody listened to a PBX.
select
    started_at,
    ended_at
from gap
where pbx = $pbx
    and started_at < $until_at
    and coalesce(ended_at, $until_at) >= $from_at
