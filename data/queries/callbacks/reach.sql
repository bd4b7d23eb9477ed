-- How far back the list must look: the oldest miss of a number that called since $since and still waits.
-- One row; null: nobody waits.
select min(open_since_at) as from_at
from number
where open_since_at is not null
    and last_call_at >= $since
