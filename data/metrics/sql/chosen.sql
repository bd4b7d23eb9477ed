-- One row per call: the ground of every grain. The compiler adds the period and the filter.
-- is_abandoned: missed, though it had reached a queue or a phone; offered = answered + abandoned (DOMAIN.md 4).
select
    call.*,
    call.direction = 'inbound' and call.outcome = 'answered' as is_answered,
    call.direction = 'inbound' and call.outcome = 'missed' as is_missed,
    call.outcome = 'missed'
        and coalesce(call.reason, '') not in ('ivr_only', 'out_of_hours')
        and (len(call.queues) > 0 or call.ring_group is not null or len(call.rang) > 0)
    as is_abandoned
from call
