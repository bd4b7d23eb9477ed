-- Orders of a kind that wait, the oldest first.
select
    outbox_id::varchar as outbox_id,
    target,
    subject_id,
    payload,
    created_at
from outbox
where kind = $kind
    and state = 'queued'
order by created_at
limit 200
