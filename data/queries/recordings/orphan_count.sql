-- How many files belong to no recording, their bytes, and when the folders were walked through last.
select
    count(*) as files,
    coalesce(sum(bytes), 0)::bigint as bytes,
    max(seen_at) as seen_at
from orphan_file
