-- What came of an order that somebody asked for.
select
    state,
    error,
    payload,
    created_at
from outbox
where outbox_id = $outbox_id::uuid
    and kind = $kind
