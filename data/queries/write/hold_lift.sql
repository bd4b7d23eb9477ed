-- It may be deleted again.
update legal_hold
set
    lifted_at = $at,
    lifted_by = $actor
where hold_id = $hold_id::uuid
    and lifted_at is null
