-- How many calls pass the filters. One row.
with
|with|
passed as (
    select call.started_at
    from call
    |joins|
    where |where|
)

select count(*) as calls
from passed
