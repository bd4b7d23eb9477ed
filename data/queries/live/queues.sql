-- The queues of the directory: one row each.
select
    queue,
    any_value(coalesce(title, queue)) as title
from queue
group by queue
order by queue
