-- Load per stretch of time. $starts: their beginnings and the end of the last one, in order.
-- peak: most calls open at once, by a sweep over [start, end): a call that ends when another begins does not
-- meet it. busy_s: seconds of all calls inside the stretch; by its length they are erlangs.
with stretch as (
    select
        unnest($starts[:-2]) as begins_at,
        unnest($starts[2:]) as ends_at
),
open_call as (
    select
        greatest(call.started_at, $from_at) as opened_at,
        least(call.ended_at, $until_at) as closed_at
    from call
    where call.started_at >= $from_at - interval 1 day
        and call.started_at < $until_at
        and call.ended_at > $from_at
        and call.ended_at > call.started_at
        and (|conditions|)
),
change as (
    select opened_at as happened_at, 1 as step from open_call
    union all
    select closed_at, -1 from open_call
    union all
    select begins_at, 0 from stretch
),
level as (
    select
        happened_at,
        coalesce(lead(happened_at) over later, $until_at) as until_at,
        sum(sum(step)) over later as calls
    from change
    group by happened_at
    window later as (order by happened_at)
)
select
    stretch.begins_at,
    max(level.calls)::bigint as peak,
    sum(level.calls * (epoch(level.until_at) - epoch(level.happened_at)))::double as busy_s,
    any_value(epoch(stretch.ends_at) - epoch(stretch.begins_at)) as length_s
from level
asof join stretch on stretch.begins_at <= level.happened_at
where level.happened_at < $until_at
group by stretch.begins_at
order by stretch.begins_at
