insert into chat_event (event_id, chat_id, happened_at, kind, actor, employee_id, detail)
values ($event_id::uuid, $chat_id::uuid, $at, $kind, $actor, $employee_id::uuid, $detail)
