-- Rows: a JSON list of cards that an import made or changed: one line of the trail for each.
insert into audit (acted_at, actor, action, subject_kind, subject_id, detail)
select $at, $actor, 'client.import', 'account', told.account_id, told.detail
from (
    select unnest(from_json($rows, '[{"account_id": "VARCHAR", "detail": "VARCHAR"}]')) as told
)
