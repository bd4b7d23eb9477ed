-- One row per recovery episode: the missed calls of one number up to its next conversation, as known at the
-- moment asked for. An episode belongs to the day of its first miss, and is here if that call is chosen.
-- Hidden numbers are nobody's: each such call is an episode of its own.
-- talk_direction, talk_pbx, talk_extension: of the call that ended it; attempts: how often we tried in vain before.
-- An episode that began before the period is not of it. Whether it did is told by two short lists instead of all
-- older misses: those that were recovered later on, and the numbers whose earliest open miss is older.
with missed as (
    select
        call.call_id,
        call.started_at,
        call.external_number,
        case when call.contact_after_at <= $as_of then call.contact_after_at end as recovered_at
    from call
    where call.direction = 'inbound'
        and call.outcome = 'missed'
        and call.external_number is not null
        -- What began a day before the moment has ended by then: only later calls may be unknown still.
        and call.started_at >= least($from_at, $as_of - interval 1 day)
        and call.started_at < $until_at
        and call.ended_at <= $as_of
),
earlier as (
    select
        call.external_number,
        case when call.contact_after_at <= $as_of then call.contact_after_at end as recovered_at
    from call
    where call.contact_after_at > $from_at
        and call.started_at < least($from_at, $as_of - interval 1 day)
),
open_before as (
    select number as external_number
    from number
    where open_since_at < least($from_at, $as_of - interval 1 day)
),
run as (
    select
        arg_min(call_id, (started_at, call_id)) as call_id,
        min(started_at) as missed_at,
        external_number,
        recovered_at,
        count(*) as misses
    from missed
    group by external_number, recovered_at
    having min(started_at) >= $from_at
),
episode as (
    select *
    from run
    where not exists (
            select 1
            from earlier
            where earlier.external_number = run.external_number
                and earlier.recovered_at is not distinct from run.recovered_at
        )
        and not (
            run.recovered_at is null
            and run.external_number in (select external_number from open_before)
        )
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
ended as (
    -- A conversation counts from its answer, and may have begun to ring before the miss. Its moment, a number, finds
    -- it among all others: as a list, so that the engine looks them up among the episodes.
    select
        call_id,
        direction,
        pbx,
        employees[1] as extension,
        external_number,
        coalesce(answered_at, started_at) as talked_at
    from call
    where outcome in ('answered', 'reached')
        and started_at >= $from_at - interval 1 day
        and started_at <= $as_of
        and coalesce(answered_at, started_at) in (select unnest((select list(recovered_at) from episode)))
),
talk as (
    select
        episode.call_id,
        arg_min(ended.direction, ended.call_id) as direction,
        arg_min(ended.pbx, ended.call_id) as pbx,
        arg_min(ended.extension, ended.call_id) as extension
    from ended
    inner join episode
        on episode.external_number = ended.external_number
        and episode.recovered_at = ended.talked_at
    group by episode.call_id
),
attempt as (
    select
        episode.call_id,
        count(*) as attempts
    from call
    inner join episode
        on episode.external_number = call.external_number
        and episode.missed_at <= call.started_at
        and coalesce(episode.recovered_at, timestamptz 'infinity') > call.started_at
    where call.outcome = 'not_reached'
        and call.started_at >= $from_at
        and call.started_at <= $as_of
    group by episode.call_id
)
select
    episode.call_id,
    episode.missed_at,
    episode.recovered_at,
    episode.misses,
    talk.direction as talk_direction,
    talk.pbx as talk_pbx,
    talk.extension as talk_extension,
    coalesce(attempt.attempts, 0) as attempts
from episode
left join talk on talk.call_id = episode.call_id
left join attempt on attempt.call_id = episode.call_id
