-- A page of them, the newest first.
select
    call_id,
    chat_id::varchar as chat_id,
    number,
    found_at,
    source,
    outcome,
    channel,
    fate,
    account_id::varchar as account_id,
    client,
    lead_id::varchar as lead_id,
    name,
    responsible_id::varchar as responsible_id,
    responsible,
    work,
    comment,
    result,
    version
from found
order by found_at desc, call_id desc, lead_id desc
limit $limit
offset $offset
