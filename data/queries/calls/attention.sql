-- Missed calls that still need attention: no later conversation that day with any number that the
-- client owns as of $as_of, and no later miss of the client, which would carry the mark instead.
-- Hidden callers are nobody's: each stays. Grain: one row per such call.
attention_missed as (
    select
        call.call_id,
        call.external_number as number,
        call.started_at,
        |day_of_start| as day
    from call
    where call.direction = 'inbound'
        and call.outcome = 'missed'
        and call.started_at >= $missed_from
        and call.started_at < $missed_until
        and call.started_at <= $as_of
        and |which|
),

attention_owner as (
    -- Whose the missed numbers are. Few: the whole table of assignments is never kept or hashed.
    select number, account_id
    from phone_assignment
    where number in (select number from attention_missed)
        and from_at <= $as_of
        and (until_at is null or until_at > $as_of)
),

attention_number as (
    -- The numbers to look at, and whose they are: of the client, else of nobody but themselves.
    select number, account_id::varchar as who
    from phone_assignment
    where account_id in (select account_id from attention_owner)
        and from_at <= $as_of
        and (until_at is null or until_at > $as_of)
    union all
    select distinct number, number as who
    from attention_missed
    anti join attention_owner using (number)
    where number is not null
),

attention_told as (
    select
        attention_number.who,
        call.call_id,
        call.outcome = 'missed' as is_missed,
        call.started_at,
        case when call.outcome = 'missed' then call.started_at else coalesce(call.answered_at, call.started_at) end
            as happened_at
    from call
    inner join attention_number on attention_number.number = call.external_number
    where (|told|)
        and (call.outcome in ('answered', 'reached') or (call.direction = 'inbound' and call.outcome = 'missed'))
),

attention_settled as (
    select attention_missed.call_id
    from attention_missed
    inner join attention_number using (number)
    inner join attention_told as call
        on call.who = attention_number.who
        and call.happened_at <= $as_of
        and |day_of_event| = attention_missed.day
        and (
            call.happened_at > attention_missed.started_at
            or (
                call.is_missed
                and call.happened_at = attention_missed.started_at
                and call.call_id > attention_missed.call_id
            )
        )
),

attention as (
    select call_id
    from attention_missed
    anti join attention_settled using (call_id)
),
