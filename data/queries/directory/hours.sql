-- Hours of the week that were set: one row per weekday.
select
    weekday,
    opens,
    closes,
    source
from working_hours
order by weekday
