-- Raw deliveries, before anything is understood: lists of the same length. What is stored already stays as it is.
-- from_at: none of them came earlier.
insert into hook_event (hook_id, account, received_at, body, headers)
select
    fresh.hook_id::uuid,
    fresh.account,
    fresh.received_at,
    fresh.body,
    fresh.headers
from (
    select
        unnest($hook_ids) as hook_id,
        unnest($accounts) as account,
        unnest($moments) as received_at,
        unnest($bodies) as body,
        unnest($headers) as headers
) as fresh
where fresh.hook_id::uuid not in (
    select hook_id
    from hook_event
    where received_at >= $from_at
)
