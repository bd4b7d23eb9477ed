-- A file whose name tells its call becomes a recording of it, unless it is one already. Its times are the call's.
insert into recording by name
select
    call.call_id || '.' || (coalesce(max(recording.position), 0) + 1) as recording_id,
    call.call_id,
    (coalesce(max(recording.position), 0) + 1)::integer as position,
    $file as file,
    call.employees as heard,
    call.started_at,
    call.ended_at,
    []::bigint[] as events
from call
left join recording using (call_id)
where call.call_id = $call_id
    and call.started_at >= $from_at
    and call.started_at < $until_at
group by call.call_id, call.employees, call.started_at, call.ended_at
having count(*) filter (where recording.file = $file) = 0
