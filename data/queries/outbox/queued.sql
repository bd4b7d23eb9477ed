-- What waits to be carried out for one target, the oldest first: one row per order.
select
    outbox_id::varchar as outbox_id,
    payload,
    created_at,
    created_by
from outbox
where kind = $kind
    and target = $target
    and state = 'queued'
order by created_at, outbox_id
