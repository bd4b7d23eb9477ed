-- Calls summed up: the rows of the daily rollup for the days it has, and the calls of all other days, one by one.
-- local_at: the day. |number_class| and |number_join| are there where somebody asks for the class.
select
    day::timestamp as local_at,
    direction,
    outcome,
    reason,
    queue,
    number_class,
    direction = 'inbound' and outcome = 'answered' as is_answered,
    direction = 'inbound' and outcome = 'missed' as is_missed,
    is_abandoned,
    is_in_time,
    is_short,
    calls,
    talk_s,
    hold_s,
    wait_s,
    waits
from call_day
where day >= $from_on
    and day < $to_on
    and day in (select day from built_day)
union all by name
select
    fact.local_at,
    fact.direction,
    fact.outcome,
    fact.reason,
    fact.queue,
    |number_class| as number_class,
    fact.is_answered,
    fact.is_missed,
    fact.is_abandoned,
    fact.is_in_time,
    fact.is_short,
    1 as calls,
    fact.talk_s,
    fact.hold_s,
    fact.wait_s,
    (fact.wait_s is not null)::integer as waits
from open_call as fact
|number_join|
where fact.local_at::date not in (select day from built_day)
