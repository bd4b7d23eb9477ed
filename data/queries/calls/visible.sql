-- The call of that id, or the one that took it over; no row: there is none, or it is not the actor's.
select call.call_id
from call
where call.call_id in (
        select $call_id
        union
        select call_id
        from call_alias
        where alias = $call_id
    )
    and |scope|
limit 1
