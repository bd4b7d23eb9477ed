-- One row per recovery episode: the missed calls of one number up to its next conversation, as known at the
-- moment asked for. An episode belongs to the day of its first miss, and is here if that call is chosen.
-- Hidden numbers are nobody's: each such call is an episode of its own.
-- recovery: called_back, caller_returned, attempted (we tried and did not reach), none. It is over at
-- recovered_at; waited_s runs from the first miss to it, else to the moment asked for.
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
outcome as (
    select
        episode.call_id,
        arg_min(later, later.call_id) filter (where later.outcome != 'not_reached') as talk,
        count(*) filter (where later.outcome = 'not_reached') as attempts
    from episode
    inner join later on later.external_number = episode.external_number
    where (later.outcome != 'not_reached' and later.talked_at = episode.recovered_at)
        or (
            later.outcome = 'not_reached'
            and later.started_at >= episode.missed_at
            and (episode.recovered_at is null or later.started_at < episode.recovered_at)
        )
    group by episode.call_id
)
select
    call.*,
    episode.misses,
    episode.recovered_at,
    coalesce(outcome.attempts, 0) as attempts,
    case
        when outcome.talk.direction = 'outbound' then 'called_back'
        when episode.recovered_at is not null then 'caller_returned'
        when outcome.attempts > 0 then 'attempted'
        else 'none'
    end as recovery,
    epoch(coalesce(episode.recovered_at, $as_of)) - epoch(episode.missed_at) as waited_s,
    coalesce(holder.employee, outcome.talk.extension) as employee
from episode
inner join chosen as call on call.call_id = episode.call_id
left join outcome on outcome.call_id = episode.call_id
left join holder
    on holder.extension = outcome.talk.extension
    and holder.pbx_from <= outcome.talk.pbx
    and holder.pbx_to >= outcome.talk.pbx
    and holder.from_at <= episode.recovered_at
    and holder.until_at > episode.recovered_at
