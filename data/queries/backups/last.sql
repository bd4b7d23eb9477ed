-- The last try to make a copy: one row, or none.
select
    made_at,
    file,
    bytes,
    took_s,
    error
from backup
order by made_at desc
limit 1
