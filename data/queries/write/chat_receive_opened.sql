-- An event for each new chat, at the moment of what opens it. rows: a JSON list.
insert into chat_event (event_id, chat_id, happened_at, kind, actor)
select
    fresh.event_id::uuid,
    fresh.chat_id::uuid,
    fresh.created_at::timestamptz,
    'opened',
    $actor
from (
    select unnest(from_json($rows, '[{"event_id": "VARCHAR", "chat_id": "VARCHAR", "created_at": "VARCHAR"}]')) as fresh
)
