-- What was told of his messages and waits for them.
delete from message_change
where (messenger_account, messenger_message_id) in (
    select
        chat.messenger_account,
        message.messenger_message_id
    from message
    inner join chat using (chat_id)
    where chat.chat_id in (select chat_id from erased_chat)
)
