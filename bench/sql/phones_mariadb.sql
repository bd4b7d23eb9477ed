-- The same of FreePBX's table.
select
    dst,
    count(*),
    sum(billsec)
from cdr
where calldate >= $from_local
    and calldate < $until_local
group by dst
order by dst
