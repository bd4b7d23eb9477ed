insert into account (
    account_id, name, kind, responsible_id, notes, external_id, created_at, created_by, changed_at, changed_by
)
values (
    $account_id::uuid,
    $name,
    $kind,
    $responsible_id::uuid,
    $notes,
    $external_id,
    $at,
    $actor,
    $at,
    $actor
)
