-- Orders of some kinds that a process took and did not end: it may have died.
select
    outbox_id::varchar as outbox_id,
    target,
    subject_id,
    changed_at
from outbox
where kind in (select unnest($kinds))
    and state = 'sent'
