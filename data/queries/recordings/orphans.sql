-- Files that belong to no recording, the newest first.
select
    modified_at,
    path,
    bytes,
    found_at
from orphan_file
order by modified_at desc, path
limit $limit
offset $offset
