insert into account (
    account_id,
    name,
    folded,
    kind,
    responsible_id,
    emails,
    messengers,
    notes,
    external_id,
    created_at,
    created_by,
    changed_at,
    changed_by
)
values (
    $account_id::uuid,
    $name,
    replace(lower($name), 'ё', 'е'),
    $kind,
    $responsible_id::uuid,
    $emails::varchar[],
    $messengers::varchar[],
    $notes,
    $external_id,
    $at,
    $actor,
    $at,
    $actor
)
