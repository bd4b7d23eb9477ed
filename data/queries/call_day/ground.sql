-- What a row of `call` is to every number: expressions that calls and the daily rollup share.

-- name: is_answered
(call.direction = 'inbound' and call.outcome = 'answered')

-- name: is_missed
(call.direction = 'inbound' and call.outcome = 'missed')

-- name: is_abandoned
-- Missed, though it had reached a queue or a phone; offered = answered + abandoned (DOMAIN.md 4).
(
    call.outcome = 'missed'
    and coalesce(call.reason, '') not in ('ivr_only', 'out_of_hours')
    and (len(call.queues) > 0 or call.ring_group is not null or len(call.rang) > 0)
)

-- name: is_in_time
(call.wait_s <= $target_s)

-- name: is_short
(call.wait_s < $short_s)
