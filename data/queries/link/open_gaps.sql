-- One row per PBX that nobody listens to now, with the moment since when.
select
    pbx,
    min(started_at) as since
from gap
where ended_at is null
group by pbx
order by pbx
