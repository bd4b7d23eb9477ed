-- What filters of the journal can be chosen from: one row per employee, queue, line, channel and tag.
select
    'employee' as kind,
    employee_id::varchar as id,
    name as title
from employee
where active
union all
select
    'queue' as kind,
    queue as id,
    coalesce(title, queue) as title
from queue
union all
select
    'line' as kind,
    line as id,
    coalesce(title, line) as title
from line
union all
select distinct
    'channel' as kind,
    title as id,
    title
from acquisition_channel
union all
select
    'tag' as kind,
    tag_id::varchar as id,
    title
from tag
order by kind, title
