-- Words of tags by their ids.
select
    tag_id::varchar as key,
    title
from tag
where tag_id::varchar in (select unnest($keys))
