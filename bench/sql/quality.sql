-- Calls with lost events, and conversations without a recording, by day.
select
    (started_at at time zone 'UTC' + interval '3 hour')::date as day,
    count(*) as calls,
    count(*) filter (where incomplete) as incomplete,
    count(*) filter (where outcome in ('answered', 'reached')) as conversations,
    count(*) filter (where recording_count > 0) as recorded,
    count(*) filter (where outcome in ('answered', 'reached') and recording_count = 0) as unrecorded
from call
where started_at >= $from_at
    and started_at < $until_at
group by day
order by day
