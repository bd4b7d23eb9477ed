-- The outside number of one call: one row.
select external_number
from call
where call_id = $call_id
