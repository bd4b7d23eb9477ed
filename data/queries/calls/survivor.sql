-- The call that took over the id $call_id, if a merge gave it up. At most one row.
select call_id
from call_alias
where alias = $call_id
limit 1
