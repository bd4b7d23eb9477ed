-- Which of the waiting changes have found their message: they get its id. from_at: no message is older.
update message_change
set message_id = found.message_id
from (
    select
        message.message_id,
        message.messenger_message_id,
        chat.messenger_account
    from message
    inner join chat using (chat_id)
    where message.sent_at >= $from_at
        and message.messenger_message_id in (select messenger_message_id from message_change)
) as found
where message_change.message_id is null
    and found.messenger_message_id = message_change.messenger_message_id
    and found.messenger_account = message_change.messenger_account
