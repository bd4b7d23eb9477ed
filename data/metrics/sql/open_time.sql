-- From when until when the days lie that the rollup lacks: the bounds spare the scan of all others. A day may
-- begin some hours beside the offset of its noon; who uses the bounds looks at the day as well.
select
    coalesce(timezone($zone, min(missing.day) - interval 6 hour), $until_at) as from_at,
    coalesce(timezone($zone, max(missing.day) + interval 30 hour), $until_at) as until_at
from (
    select unnest(range(greatest($from_on, begun.first_on)::timestamp, $to_on::timestamp, interval 1 day)) as day
    from (
        -- Before the first call there is nothing to count.
        select coalesce(max(to_on), date '0001-01-01') as first_on
        from call_day_built
        where made_by = $made_by
            and from_on = date '0001-01-01'
    ) as begun
) as missing
where missing.day::date not in (select day from built_day)
