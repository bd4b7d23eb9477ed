-- Times when nobody listened, of the last day or still lasting: one row per PBX. Seconds up to $now_at.
-- A first login leaves a gap of no length, which hides nothing.
select
    pbx,
    count(*) as gaps,
    count(*) filter (where not coalesce(filled, false) and ended_at is not null) as unfilled,
    sum(epoch(coalesce(ended_at, $now_at) - greatest(started_at, $day_at))) as lost_s,
    min(started_at) filter (where ended_at is null) as open_since
from gap
where coalesce(ended_at, $now_at) >= $day_at
    and ended_at is distinct from started_at
group by pbx
order by pbx
