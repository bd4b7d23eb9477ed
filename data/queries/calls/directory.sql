-- What people call the places and phones of the office. One row per name and stretch of time.
select
    extension.kind,
    extension.extension as code,
    extension.pbx,
    extension.from_at,
    extension.until_at,
    extension.employee_id::varchar as employee_id,
    employee.name as title
from extension
left join employee using (employee_id)
where extension.kind in ('phone', 'mobile')
union all
select 'queue', queue, pbx, null, null, null, title
from queue
where title is not null
union all
select 'ring_group', ring_group, pbx, null, null, null, title
from ring_group
where title is not null
union all
select 'line', line, pbx, null, null, null, title
from line
where title is not null
union all
select 'channel', did, null, null, null, null, title
from acquisition_channel
