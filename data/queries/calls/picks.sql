-- Which calls make a block of the journal, in order: only what the filters and the order look at is read.
-- The rows themselves are looked up by their starts (calls/conditions.sql, picked): of few calls that lie anywhere
-- the other way round every column of every call would be read.
with
|with|
picked as (
    select
        call.call_id,
        call.started_at,
        |key| as sort_key
    from call
    |joins|
    where |where|
)

select
    call_id,
    started_at,
    sort_key
from picked as call
order by |order|
limit $limit
offset $offset
