-- Rows: a JSON list of cards, each in the version that was read. Fewer rows: somebody changed one meanwhile.
update account
set
    name = changed.card.name,
    folded = replace(lower(changed.card.name), 'ё', 'е'),
    kind = changed.card.kind,
    responsible_id = changed.card.responsible_id::uuid,
    emails = changed.card.emails,
    messengers = changed.card.messengers,
    notes = changed.card.notes,
    external_id = changed.card.external_id,
    changed_at = $at,
    changed_by = $actor,
    stored_at = get_current_timestamp(),
    version = account.version + 1
from (
    select unnest(
        from_json(
            $rows,
            '[{"account_id": "VARCHAR", "version": "INTEGER", "name": "VARCHAR", "kind": "VARCHAR",
               "responsible_id": "VARCHAR", "emails": ["VARCHAR"], "messengers": ["VARCHAR"], "notes": "VARCHAR",
               "external_id": "VARCHAR"}]'
        )
    ) as card
) as changed
where account.account_id = changed.card.account_id::uuid
    and account.version = changed.card.version
    and account.merged_into is null
