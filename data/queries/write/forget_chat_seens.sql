-- Chats that go: chat_seen.
delete from chat_seen
where list_contains($ids::varchar[], chat_id::varchar)
