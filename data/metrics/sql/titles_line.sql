-- Titles of lines by their names in the PBX.
select
    line as key,
    any_value(title) as title
from line
where line in (select unnest($keys))
    and title is not null
group by line
