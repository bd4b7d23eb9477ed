-- One row per time when nobody listened to a PBX, that touches the period.
select
    pbx,
    started_at,
    coalesce(ended_at, $as_of) as ended_at,
    cause,
    filled,
    filled_from
from gap
where started_at < $until_at
    and coalesce(ended_at, $as_of) > $from_at
order by started_at
