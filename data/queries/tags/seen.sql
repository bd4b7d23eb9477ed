-- Those of the calls that there are and that the actor may see, each under the id that it has now.
select distinct call.call_id
from call
where call.call_id in (
        select unnest($call_ids::varchar[])
        union
        select call_id
        from call_alias
        where alias in (select unnest($call_ids::varchar[]))
    )
    and |scope|
