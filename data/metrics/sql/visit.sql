-- One row per queue visit of the chosen calls. A visit that left by time-out or key is neither answered
-- nor abandoned. Calls begin before their visits, and none lasts two days: the bounds spare the scan.
select
    call.* replace (
        visit.queue as queue,
        visit.wait_s as wait_s,
        visit.result = 'answered' as is_answered,
        visit.result = 'abandoned' as is_abandoned,
        visit.wait_s <= $target_s as is_in_time,
        visit.wait_s < $short_s as is_short
    ),
    visit.result as visit_result
from queue_visit as visit
inner join chosen as call on call.call_id = visit.call_id
where visit.entered_at >= $from_at
    and visit.entered_at < $until_at + interval 2 day
    and call.direction = 'inbound'
