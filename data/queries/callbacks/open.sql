-- Open recovery episodes, the oldest first: numbers whose missed calls wait for a conversation as of $as_of, and
-- that moved since $since; their calls are looked for from $from_at on. What the report "recovery" finds among all
-- calls is told here by the misses that have no conversation after them: those of one number are one episode.
-- Hidden numbers are nobody's, and nobody can call them: they are not here.
-- One row per episode, with what people did about it and whose the number is.
with waiting as (
    select number
    from number
    where open_since_at is not null
        and last_call_at >= $since
),

chosen as materialized (
    select
        call_id,
        pbx,
        external_number,
        started_at,
        queue,
        line,
        caller_name,
        employees,
        rang
    from call
    where direction = 'inbound'
        and outcome = 'missed'
        and contact_after_at is null
        and started_at >= $from_at
        and started_at < $until_at
        and ended_at <= $as_of
        and external_number in (select number from waiting)
),

episode as (
    select
        arg_min(call_id, (started_at, call_id)) as call_id,
        external_number,
        min(started_at) as missed_at,
        count(*) as misses
    from chosen
    group by external_number
),

part as (
    -- Whose phones had to do with the misses: the rule of the journal for one's own calls.
    select
        call_id,
        unnest(employees || rang) as party
    from chosen
    union
    select
        leg.call_id,
        leg.party
    from leg
    where leg.started_at >= $from_at - interval 1 day
        and leg.role != 'observer'
        and leg.party is not null
        and leg.call_id in (select call_id from chosen)
),

owner as (
|owner|
),

missed as (
    select
        chosen.external_number as number,
        max(chosen.started_at) as last_missed_at,
        arg_max(chosen.queue, chosen.started_at) as queue,
        arg_max(chosen.line, chosen.started_at) as line,
        arg_max(chosen.pbx, chosen.started_at) as pbx,
        arg_max(chosen.caller_name, chosen.started_at) as caller_name,
        coalesce(list(distinct part.party) filter (where part.party is not null), []) as parties
    from chosen
    left join part using (call_id)
    group by chosen.external_number
),

tried as (
    select
        call.external_number as number,
        max(call.started_at) as last_tried_at,
        count(*) as attempts
    from call
    inner join episode on episode.external_number = call.external_number
    where call.outcome = 'not_reached'
        and call.started_at >= $from_at
        and call.started_at >= episode.missed_at
        and call.started_at <= $as_of
    group by call.external_number
)

select
    episode.call_id,
    episode.external_number as number,
    episode.missed_at,
    missed.last_missed_at,
    episode.misses::integer as misses,
    coalesce(tried.attempts, 0)::integer as attempts,
    tried.last_tried_at,
    missed.queue,
    coalesce(queue.title, missed.queue) as queue_title,
    coalesce(line.title, missed.line) as line_title,
    missed.caller_name,
    missed.parties,
    account.account_id::varchar as account_id,
    account.name as client,
    contact.name as contact,
    account.responsible_id::varchar as responsible_id,
    employee.name as responsible,
    coalesce(callback.version, 0) as version,
    case when callback.changed_at >= episode.missed_at then callback.owner end as owner,
    case when callback.changed_at >= episode.missed_at then callback.owner_name end as owner_name,
    case when callback.changed_at >= episode.missed_at then callback.taken_at end as taken_at,
    case when callback.dismissed_at >= missed.last_missed_at then callback.dismissed_at end as dismissed_at,
    callback.dismissed_name,
    callback.reason,
    callback.note
from episode
inner join missed on missed.number = episode.external_number
left join tried on tried.number = episode.external_number
left join callback on callback.number = episode.external_number
left join owner
    on owner.number = episode.external_number
    and owner.owns_from_at <= $as_of
    and owner.owns_until_at > $as_of
left join account on account.account_id = owner.account_id
left join contact on contact.contact_id = owner.contact_id
left join employee on employee.employee_id = account.responsible_id
left join queue
    on queue.queue = missed.queue
    and coalesce(queue.pbx, missed.pbx) = missed.pbx
left join line
    on line.line = missed.line
    and coalesce(line.pbx, missed.pbx) = missed.pbx
order by
    episode.missed_at,
    episode.call_id
limit $limit
