-- Ids of the calls that we put together from the events of one PBX and that began in a period.
select call_id
from call
where pbx = $pbx
    and source = 'ami'
    and started_at >= $from_at
    and started_at < $to_at
