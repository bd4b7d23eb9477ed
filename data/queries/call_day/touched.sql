-- Is any of these days built?
select 1
from call_day_built
where list_contains($days, from_on)
    or (from_on = date '0001-01-01' and to_on > $first_day)
limit 1;
