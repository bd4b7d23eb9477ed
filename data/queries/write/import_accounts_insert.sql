-- Rows: a JSON list of cards that are new.
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
select
    card.account_id::uuid,
    card.name,
    replace(lower(card.name), 'ё', 'е'),
    card.kind,
    card.responsible_id::uuid,
    card.emails,
    card.messengers,
    card.notes,
    card.external_id,
    $at,
    $actor,
    $at,
    $actor
from (
    select unnest(
        from_json(
            $rows,
            '[{"account_id": "VARCHAR", "name": "VARCHAR", "kind": "VARCHAR", "responsible_id": "VARCHAR",
               "emails": ["VARCHAR"], "messengers": ["VARCHAR"], "notes": "VARCHAR", "external_id": "VARCHAR"}]'
        )
    ) as card
)
