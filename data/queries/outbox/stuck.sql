-- Orders that a process which is gone had begun: nobody will tell how they went on. One row per order.
select outbox_id::varchar as outbox_id
from outbox
where kind = $kind
    and target = $target
    and state = 'sent'
    and changed_at < $before
