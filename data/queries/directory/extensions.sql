-- The extensions and mobiles in force, and those that were: one row per stretch of time.
select
    extension,
    pbx,
    employee_id::varchar as employee_id,
    device,
    until_at is null as is_current,
    source
from extension
where kind in ('phone', 'mobile')
order by extension, from_at
