-- Fates of calls by day.
select
    (started_at at time zone 'UTC' + interval '3 hour')::date as day,
    count(*) filter (where direction = 'inbound' and outcome = 'answered') as accepted,
    count(*) filter (where direction = 'inbound' and outcome = 'missed') as missed,
    count(*) filter (where outcome = 'reached') as successful,
    count(*) filter (where outcome = 'not_reached') as failed
from call
where started_at >= $from_at
    and started_at < $until_at
group by day
order by day
