-- All rows of one month, in the order of time.
select *
from call
where call.started_at >= $from_at
    and call.started_at < $until_at
order by call.started_at
