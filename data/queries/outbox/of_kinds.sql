-- Orders of some kinds that wait, the oldest first.
select
    outbox_id::varchar as outbox_id,
    kind,
    target,
    subject_id,
    payload,
    created_at
from outbox
where kind in (select unnest($kinds))
    and state = 'queued'
order by created_at
limit 200
