-- Episodes of missed calls: by whom they were ended, and how soon.
with episode as (
    select
        external_number,
        contact_after_at as recovered_at,
        min(started_at) as missed_at
    from call
    where direction = 'inbound'
        and outcome = 'missed'
        and external_number is not null
        and started_at < $until_at
    group by external_number, contact_after_at
    having min(started_at) >= $from_at
),
later as (
    select
        external_number,
        direction,
        outcome,
        started_at,
        coalesce(answered_at, started_at) as talked_at
    from call
    where outcome in ('answered', 'reached', 'not_reached')
        and external_number is not null
        and started_at >= $from_at - interval '1 day'
),
ended as (
    -- Two joins, for a condition with "or" would try every pair of calls of a number.
    select
        episode.external_number,
        episode.missed_at,
        episode.recovered_at,
        coalesce(bool_or(talk.direction = 'outbound'), false) as is_called_back
    from episode
    left join later as talk
        on talk.external_number = episode.external_number
        and talk.talked_at = episode.recovered_at
        and talk.outcome <> 'not_reached'
    group by all
),
attempted as (
    select distinct
        ended.external_number,
        ended.missed_at
    from ended
    inner join later as attempt
        on attempt.external_number = ended.external_number
        and attempt.started_at >= ended.missed_at
        and attempt.started_at < coalesce(ended.recovered_at, timestamptz 'infinity')
        and attempt.outcome = 'not_reached'
),
told as (
    select
        case
            when ended.is_called_back then 'called_back'
            when ended.recovered_at is not null then 'caller_returned'
            when attempted.missed_at is not null then 'attempted'
            else 'none'
        end as recovery,
        epoch(ended.recovered_at) - epoch(ended.missed_at) as waited_s
    from ended
    left join attempted
        on attempted.external_number = ended.external_number
        and attempted.missed_at = ended.missed_at
    union all
    select
        'none',
        null
    from call
    where direction = 'inbound'
        and outcome = 'missed'
        and external_number is null
        and started_at >= $from_at
        and started_at < $until_at
)
select
    count(*) as episodes,
    count(*) filter (where recovery = 'called_back') as called_back,
    count(*) filter (where recovery = 'caller_returned') as caller_returned,
    count(*) filter (where recovery = 'attempted') as attempted,
    count(*) filter (where recovery = 'none') as not_recovered,
    count(*) filter (where recovery in ('called_back', 'caller_returned')) / nullif(count(*), 0) as recovered_share,
    quantile_cont(waited_s, 0.5) as recovery_median,
    quantile_cont(waited_s, 0.9) as recovery_p90
from told
