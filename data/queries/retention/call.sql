-- Some of the calls whose time is over, the oldest first, behind the place ($after_at, $after_id).
select
    call_id as id,
    started_at as at
from call
where started_at < $until_at
    and (started_at > $after_at or (started_at = $after_at and call_id > $after_id))
    and call_id not in (select call_id from held_call)
order by started_at, call_id
limit $limit
