-- The nearest that a row per dial attempt comes to fates of calls: the rows of a call put together first.
select
    date(begun),
    sum(inbound and talked),
    sum(inbound and not talked),
    sum(not inbound and talked),
    sum(not inbound and not talked)
from (
    select
        min(calldate) as begun,
        max(dcontext = 'from-trunk') as inbound,
        max(disposition = 'ANSWERED') as talked
    from cdr
    where calldate >= $from_local
        and calldate < $until_local
    group by linkedid
) as one_call
group by date(begun)
order by date(begun)
