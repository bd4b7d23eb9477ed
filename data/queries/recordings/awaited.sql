-- Recordings in one of $states since $from_at, newest first, below the place ($before_at, $before_id): one row each.
select
    recording_id,
    call_id,
    file,
    state,
    path,
    bytes,
    started_at,
    coalesce(ended_at, started_at) as ended_at
from recording
where list_contains($states::varchar[], state)
    and started_at >= $from_at
    and started_at <= $before_at
    and (started_at < $before_at or recording_id < $before_id)
order by started_at desc, recording_id desc
limit $rows
