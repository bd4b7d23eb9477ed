-- The last copy that was made and proved: one row, or none.
select
    made_at,
    file,
    bytes,
    took_s
from backup
where error is null
order by made_at desc
limit 1
