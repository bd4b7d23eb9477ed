-- Messages of his chats: that there was one, when and from which side, stays.
update message
set
    messenger_message_id = null,
    author = case when ours then author end,
    author_name = case when ours then author_name end,
    text = null,
    media = null,
    error = null,
    payload = null,
    media_ref = null,
    media_name = null,
    reaction = null,
    change_text = null,
    change_error = null
where chat_id in (select chat_id from erased_chat)
