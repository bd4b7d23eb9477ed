-- Lines of the trail that would go: one row.
select
    count(*) as rows,
    0::bigint as bytes
from audit
where acted_at < $until_at
    and action != 'person.erase'
