-- The tag of a title, whatever its capitals. At most one row.
select
    tag_id::varchar as tag_id,
    title,
    colour,
    version
from tag
where replace(lower(title), 'ё', 'е') = replace(lower($title), 'ё', 'е')
