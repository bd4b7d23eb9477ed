-- Chats that go: chat_event.
delete from chat_event
where list_contains($ids::varchar[], chat_id::varchar)
