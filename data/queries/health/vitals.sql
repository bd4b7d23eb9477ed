-- What the processes told of themselves last: one row per number.
select
    process,
    pbx,
    name,
    value,
    told_at
from live.vital
order by process, pbx, name
