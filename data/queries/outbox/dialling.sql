-- Calls that a user asked for a moment ago and whose own phone may still ring: one row per order.
select outbox_id::varchar as outbox_id
from outbox
where kind = 'originate'
    and created_by = $user
    and state in ('queued', 'sent')
    and created_at > $since
