-- All rows of one month, in the order of time.
select *
from leg
where leg.started_at >= $from_at
    and leg.started_at < $until_at
order by leg.started_at
