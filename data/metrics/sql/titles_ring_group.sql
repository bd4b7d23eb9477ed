-- Titles of ring groups by their numbers.
select
    ring_group as key,
    any_value(title) as title
from ring_group
where ring_group in (select unnest($keys))
    and title is not null
group by ring_group
