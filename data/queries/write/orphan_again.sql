-- Files that were known to belong to no recording, and still do not.
update orphan_file
set
    seen_at = $seen_at,
    bytes = told.bytes,
    modified_at = told.modified_at
from (
    select
        unnest($paths::varchar[]) as path,
        unnest($sizes::bigint[]) as bytes,
        unnest($times::timestamptz[]) as modified_at
) as told
where orphan_file.path = told.path
