-- The days of the period that the daily rollup has.
select from_on as day
from call_day_built
where made_by = $made_by
    and from_on >= $from_on
    and from_on < $to_on
