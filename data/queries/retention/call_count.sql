-- Calls that would go, and the bytes of their recordings: one row.
select
    count(*) as rows,
    (
        select coalesce(sum(bytes), 0)::bigint
        from recording
        where state = 'present'
            and started_at < $until_at
            and call_id not in (select call_id from held_call)
    ) as bytes
from call
where started_at < $until_at
    and call_id not in (select call_id from held_call)
