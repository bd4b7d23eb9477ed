-- Calls of a period by those of their channels that $names lists. Grain: one row per call and name.
with
sought as (
    select unnest($names::varchar[]) as name
),
near as (
    select
        call_id,
        unnest(channels) as name
    from call
    where started_at >= $from_at
        and started_at < $until_at
)
select
    sought.name,
    near.call_id
from near
inner join sought using (name)
