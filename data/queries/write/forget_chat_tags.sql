-- Chats that go: chat_tag.
delete from chat_tag
where list_contains($ids::varchar[], chat_id::varchar)
