-- Rows: a JSON list of contact persons that are new.
insert into contact (
    contact_id, account_id, name, folded, position, emails, messengers, created_at, created_by, changed_at, changed_by
)
select
    person.contact_id::uuid,
    person.account_id::uuid,
    person.name,
    replace(lower(person.name), 'ё', 'е'),
    person.position,
    person.emails,
    person.messengers,
    $at,
    $actor,
    $at,
    $actor
from (
    select unnest(
        from_json(
            $rows,
            '[{"contact_id": "VARCHAR", "account_id": "VARCHAR", "name": "VARCHAR", "position": "VARCHAR",
               "emails": ["VARCHAR"], "messengers": ["VARCHAR"]}]'
        )
    ) as person
)
