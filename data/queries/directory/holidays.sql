-- Days with hours of their own: one row each.
select
    on_date,
    title,
    opens,
    closes,
    source
from holiday
order by on_date
