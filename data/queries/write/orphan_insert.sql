-- Files that belong to no recording, seen for the first time.
insert into orphan_file by name
select
    told.path,
    told.bytes,
    told.modified_at,
    $seen_at as found_at,
    $seen_at as seen_at
from (
    select
        unnest($paths::varchar[]) as path,
        unnest($sizes::bigint[]) as bytes,
        unnest($times::timestamptz[]) as modified_at
) as told
where told.path not in (select path from orphan_file)
