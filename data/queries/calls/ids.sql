-- The ids of all calls that pass the filters, in no order.
with
|with|
passed as (
    select call.call_id
    from call
    |joins|
    where |where|
)

select call_id
from passed
