-- An event for each new chat. rows: a JSON list.
insert into chat_event (event_id, chat_id, happened_at, kind, actor)
select
    fresh.event_id::uuid,
    fresh.chat_id::uuid,
    $at,
    'opened',
    $actor
from (select unnest(from_json($rows, '[{"event_id": "VARCHAR", "chat_id": "VARCHAR"}]')) as fresh)
