-- Outcomes by queue.
select
    queue,
    outcome,
    count(*) as calls,
    count(*) filter (where direction = 'inbound' and outcome = 'answered') as accepted,
    count(*) filter (where direction = 'inbound' and outcome = 'missed') as missed,
    sum(talk_s) as talk
from call
where started_at >= $from_at
    and started_at < $until_at
group by queue, outcome
order by queue, outcome
