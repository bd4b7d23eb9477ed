-- Calls of a period that an import may know too: by their id, or by one of their channels.
with
sought as (
    select unnest($names::varchar[]) as name
),
near as (
    select
        call_id,
        unnest(list_append(list_transform(channels, lambda channel: pbx || '-' || channel), call_id)) as name
    from call
    where started_at >= $from_at
        and started_at < $until_at
        and pbx = $pbx
),
found as (
    select distinct near.call_id
    from near
    semi join sought using (name)
)
select
    call_id,
    source,
    incomplete,
    direction,
    outcome,
    reason,
    external_number_raw,
    answered_by,
    queues,
    started_at,
    answered_at,
    ended_at,
    wait_s,
    talk_s,
    rang,
    hangup_cause,
    conference,
    channels
from call
semi join found using (call_id)
where started_at >= $from_at
    and started_at < $until_at
    and pbx = $pbx
