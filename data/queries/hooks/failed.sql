-- Deliveries that nobody understood, the latest first.
select
    hook_id::varchar as hook_id,
    account,
    received_at,
    error,
    octet_length(body) as bytes
from hook_event
where state = 'failed'
order by received_at desc
limit $limit
