-- What happened to his chats, without the details.
update chat_event
set detail = null
where chat_id in (select chat_id from erased_chat)
