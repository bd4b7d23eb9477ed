-- Missed calls by day, and how many were made good.
select
    (started_at at time zone 'UTC' + interval '3 hour')::date as day,
    count(*) as missed,
    count(*) filter (where contact_after_at <= $as_of) as handled,
    count(*) filter (where contact_after_at is null or contact_after_at > $as_of) as unhandled,
    count(*) filter (where contact_after_at <= $as_of) / count(*) as handled_share
from call
where started_at >= $from_at
    and started_at < $until_at
    and direction = 'inbound'
    and outcome = 'missed'
group by day
order by day
