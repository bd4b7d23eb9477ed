-- What other sources say else about calls of a period; what no rule explains comes first.
select
    difference.call_id,
    difference.pbx,
    difference.source,
    difference.kind,
    difference.field,
    difference.ours,
    difference.theirs,
    difference.rule,
    difference.started_at,
    known.call_id is not null as is_stored
from source_difference as difference
left join (
    select distinct call_id
    from call
    where started_at >= $from_at
        and started_at < $until_at
) as known
    on known.call_id = difference.call_id
where difference.started_at >= $from_at
    and difference.started_at < $until_at
order by
    difference.rule is not null,
    difference.started_at desc,
    difference.call_id,
    difference.field
