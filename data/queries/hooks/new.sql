-- Deliveries that nobody read yet, the oldest first.
select
    hook_id::varchar as hook_id,
    account,
    received_at,
    body,
    headers,
    attempts
from hook_event
where state = 'new'
order by received_at, hook_id
limit $limit
