-- Chats that go: message.
delete from message
where list_contains($ids::varchar[], chat_id::varchar)
