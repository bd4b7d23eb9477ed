-- Raw deliveries, before anything is understood: lists of the same length.
insert into hook_event (hook_id, account, received_at, body, headers)
select
    unnest($hook_ids)::uuid,
    unnest($accounts),
    unnest($moments),
    unnest($bodies),
    unnest($headers)
