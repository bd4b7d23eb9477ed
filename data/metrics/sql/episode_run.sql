-- One row per recovery episode: the missed calls of one number up to its next conversation, as known at the
-- moment asked for. An episode belongs to the day of its first miss, and is here if that call is chosen.
-- Hidden numbers are nobody's: each such call is an episode of its own.
-- talk: the call that ended it; attempts: how often we tried in vain before.
with missed as (
    select
        call.call_id,
        call.started_at,
        call.external_number,
        case when call.contact_after_at <= $as_of then call.contact_after_at end as recovered_at
    from call
    where call.direction = 'inbound'
        and call.outcome = 'missed'
        and call.started_at < $until_at
        and call.ended_at <= $as_of
        -- An episode that was over before the period has no miss in it.
        and coalesce(call.contact_after_at, timestamptz 'infinity') > $from_at
        and call.external_number in (select external_number from chosen where is_missed)
),
episode as (
    select
        arg_min(call_id, (started_at, call_id)) as call_id,
        min(started_at) as missed_at,
        external_number,
        recovered_at,
        count(*) as misses
    from missed
    group by external_number, recovered_at
    having min(started_at) >= $from_at
    union all by name
    select
        call_id,
        started_at as missed_at,
        external_number,
        null as recovered_at,
        1 as misses
    from chosen
    where is_missed and external_number is null
),
later as (
    -- A conversation counts from its answer, and may have begun to ring before the miss.
    select
        call_id,
        pbx,
        external_number,
        direction,
        outcome,
        employees[1] as extension,
        started_at,
        coalesce(answered_at, started_at) as talked_at
    from call
    where outcome in ('answered', 'reached', 'not_reached')
        and external_number is not null
        and started_at >= $from_at - interval 1 day
        and started_at <= $as_of
),
-- Two joins: one condition with "or" would try every pair of calls of a number.
talk as (
    select
        episode.call_id,
        arg_min(later, later.call_id) as talk
    from episode
    inner join later
        on later.external_number = episode.external_number
        and later.talked_at = episode.recovered_at
        and later.outcome != 'not_reached'
    group by episode.call_id
),
attempt as (
    select
        episode.call_id,
        count(*) as attempts
    from episode
    inner join later
        on later.external_number = episode.external_number
        and later.started_at >= episode.missed_at
        and later.started_at < coalesce(episode.recovered_at, timestamptz 'infinity')
        and later.outcome = 'not_reached'
    group by episode.call_id
)
select
    episode.call_id,
    episode.missed_at,
    episode.recovered_at,
    episode.misses,
    talk.talk,
    coalesce(attempt.attempts, 0) as attempts
from episode
left join talk on talk.call_id = episode.call_id
left join attempt on attempt.call_id = episode.call_id
