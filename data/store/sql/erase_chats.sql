-- His chats, without the other side.
update chat
set
    user_key = 'x' || left(replace(chat_id::varchar, '-', ''), 12),
    title = null,
    number = (select pseudonym from erased_number where erased_number.number = chat.number),
    last_text = null
where chat_id in (select chat_id from erased_chat)
