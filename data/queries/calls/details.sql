-- All parts of one call, as lists in their order. One row.
-- $from_at, $until_at: a time in which all its parts lie.
with
part_leg as (
    select *
    from leg
    where call_id = $call_id and started_at >= $from_at and started_at < $until_at
),

part_visit as (
    select *
    from queue_visit
    where call_id = $call_id and entered_at >= $from_at and entered_at < $until_at
),

part_transfer as (
    select *
    from transfer
    where call_id = $call_id and transferred_at >= $from_at and transferred_at < $until_at
),

part_interval as (
    select *
    from call_interval
    where call_id = $call_id and started_at >= $from_at and started_at < $until_at
),

part_recording as (
    select * exclude (events, peaks)
    from recording
    where call_id = $call_id and started_at >= $from_at and started_at < $until_at
),

party as (
    select caller as extension from part_leg
    union
    select party from part_leg
    union
    select from_party from part_transfer
    union
    select to_party from part_transfer
    union
    select party from part_interval
    union
    select other from part_interval
    union
    select queue from part_leg
    union
    select queue from part_visit
    union
    select unnest(heard) from part_recording
    union
    select unnest(employees) from call where call_id = $call_id and started_at >= $from_at and started_at < $until_at
)

select
    call.called_number,
    call.dial_status,
    call.hangup_cause,
    call.contact_after_at,
    call.channels,
    call.events,
    (select list(part order by part.position) from part_leg as part) as legs,
    (select list(part order by part.position) from part_visit as part) as queue_visits,
    (select list(part order by part.position) from part_transfer as part) as transfers,
    (select list(part order by part.position) from part_interval as part) as intervals,
    (select list(part order by part.position) from part_recording as part) as recordings,
    (select list(extension) from party where extension is not null) as parties
from call
where call.call_id = $call_id
    and call.started_at >= $from_at
    and call.started_at < $until_at
