insert into chat_event (event_id, chat_id, happened_at, kind, actor, detail)
values ($event_id::uuid, $chat_id::uuid, $at, 'automation', $actor, $detail)
