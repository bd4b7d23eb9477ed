-- Load per stretch of time. $starts: their beginnings and the end of the last one, in order.
-- peak: most calls open at once, by a sweep over [start, end): a call that ends when another begins does not
-- meet it. busy_s: seconds of all calls inside the stretch; by its length they are erlangs.
with open_call as (
    select
        epoch_us(greatest(call.started_at, $from_at)) as opened_us,
        epoch_us(least(call.ended_at, $until_at)) as closed_us
    from call
    where call.started_at >= $from_at - interval 1 day
        and call.started_at < $until_at
        and call.ended_at > $from_at
        and call.ended_at > call.started_at
        and (|conditions|)
),
change as (
    select opened_us as at_us, 1 as step, 0 as begins from open_call
    union all
    select closed_us, -1, 0 from open_call
    union all
    select epoch_us(unnest($starts[:-2])), 0, 1
),
level as (
    -- At one moment calls end first, then a stretch begins, then calls begin: the order of one number.
    select
        at_us,
        lead(at_us, 1, epoch_us($until_at)) over later as until_us,
        sum(step) over later as calls,
        sum(begins) over later as stretch
    from change
    window later as (order by at_us * 3 + step rows between unbounded preceding and current row)
)
select
    $starts[stretch::bigint] as begins_at,
    max(calls)::bigint as peak,
    sum(calls * (until_us - at_us)) / 1e6::double as busy_s,
    epoch($starts[stretch::bigint + 1]) - epoch($starts[stretch::bigint]) as length_s
from level
where at_us < epoch_us($until_at)
group by stretch
order by stretch
