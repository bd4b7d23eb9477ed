-- Stretches that are built by the rules in force.
select
    from_on,
    to_on
from call_day_built
where made_by = $made_by;
