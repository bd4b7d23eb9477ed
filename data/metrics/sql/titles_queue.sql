-- Titles of queues by their names in the PBX.
select
    queue as key,
    any_value(title) as title
from queue
where queue in (select unnest($keys))
    and title is not null
group by queue
