-- Most calls at once and the sum of their seconds, by day: a sweep over starts and ends.
with open_call as (
    select
        greatest(started_at, $from_at) as opened_at,
        least(ended_at, $until_at) as closed_at
    from call
    where started_at >= $from_at - interval '1 day'
        and started_at < $until_at
        and ended_at > $from_at
        and ended_at > started_at
),
change as (
    select opened_at as happened_at, 1 as step from open_call
    union all
    select closed_at, -1 from open_call
    union all
    select unnest(generate_series($from_at, $until_at - interval '1 day', interval '1 day')), 0
),
level as (
    select
        happened_at,
        lead(happened_at) over (order by happened_at) as until_at,
        sum(sum(step)) over (order by happened_at) as calls
    from change
    group by happened_at
)
select
    (happened_at at time zone 'UTC' + interval '3 hour')::date as day,
    max(calls) as peak,
    sum(calls * (epoch(until_at) - epoch(happened_at))) / 86400 as erlangs
from level
where happened_at < $until_at
group by day
order by day
