-- The groups with the most of a metric, the largest first; those that have no name in a dimension are none.
select *
from (
|groups|
)
where |named|
    and |metric| > 0
order by |metric| desc, |keys|
limit |most|
