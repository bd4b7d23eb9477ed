-- Some of the recordings whose time is over, the oldest first, behind the place ($after_at, $after_id).
select
    recording_id as id,
    started_at as at,
    path
from recording
where state = 'present'
    and started_at < $until_at
    and (started_at > $after_at or (started_at = $after_at and recording_id > $after_id))
    and call_id not in (select call_id from held_call)
order by started_at, recording_id
limit $limit
