-- An order that a user gave, as it stands: one row, none where it is not his.
select
    state,
    error,
    created_at
from outbox
where outbox_id = $outbox_id::uuid
    and kind = $kind
    and created_by = $user
