-- Waits by queue.
select
    visit.queue,
    count(*) filter (where visit.result = 'answered') as answered,
    avg(visit.wait_s) filter (where visit.result = 'answered') as asa,
    quantile_cont(visit.wait_s, 0.9) filter (where visit.result = 'answered') as wait_p90
from queue_visit as visit
inner join call on call.call_id = visit.call_id
where call.started_at >= $from_at
    and call.started_at < $until_at
    and call.direction = 'inbound'
group by visit.queue
order by visit.queue
