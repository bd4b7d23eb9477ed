-- How many of the calls that pass the filters began in each hour, the latest first: tells where the
-- page at a far offset begins. One row per hour of UTC that has any.
with
|with|
passed as (
    select call.started_at
    from call
    |joins|
    where |where|
)

select
    epoch_us(started_at) // 3600000000 as hour,
    count(*) as calls
from passed
group by hour
order by hour
