-- Queues, ring groups, lines and office numbers of calls since $from_at, named or not: one row each, the busiest first.
with named as (
    select 'queue' as kind, unnest(queues) as code, pbx from call where started_at >= $from_at
    union all
    select 'ring_group', ring_group, pbx from call where started_at >= $from_at and ring_group is not null
    union all
    select 'line', line, pbx from call where started_at >= $from_at and line is not null
    union all
    select 'channel', did, null from call where started_at >= $from_at and did is not null
)
select
    kind,
    code,
    pbx,
    count(*) as calls
from named
group by kind, code, pbx
order by kind, calls desc, code
limit 2000
