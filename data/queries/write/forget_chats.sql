-- Chats that go: chat.
delete from chat
where list_contains($ids::varchar[], chat_id::varchar)
