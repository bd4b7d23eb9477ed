-- Service of the whole office.
with offered as (
    select
        outcome = 'answered' as is_answered,
        wait_s
    from call
    where started_at >= $from_at
        and started_at < $until_at
        and direction = 'inbound'
        and (
            outcome = 'answered'
            or (
                outcome = 'missed'
                and coalesce(reason, '') not in ('ivr_only', 'out_of_hours')
                and (len(queues) > 0 or ring_group is not null or len(rang) > 0)
            )
        )
)
select
    count(*) as offered,
    count(*) filter (where is_answered) as answered,
    count(*) filter (where not is_answered) as abandoned,
    count(*) filter (where is_answered and wait_s <= 20)
    / nullif(count(*) filter (where is_answered or wait_s > 20), 0) as service_level,
    avg(wait_s) filter (where is_answered) as asa,
    quantile_cont(wait_s, 0.5) filter (where is_answered) as wait_median,
    quantile_cont(wait_s, 0.9) filter (where is_answered) as wait_p90,
    max(wait_s) as longest_wait,
    count(*) filter (where not is_answered and coalesce(wait_s, 5) >= 5)
    / nullif(count(*) filter (where is_answered or coalesce(wait_s, 5) >= 5), 0) as abandonment
from offered
