-- Chats that go: chat_automation.
delete from chat_automation
where list_contains($ids::varchar[], chat_id::varchar)
