-- All rows of one month, in the order of time.
select *
from queue_visit
where queue_visit.entered_at >= $from_at
    and queue_visit.entered_at < $until_at
order by queue_visit.entered_at
