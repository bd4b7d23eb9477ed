-- The line of the list follows an edit or deletion of the last message.
update chat
set last_text = case when latest.deleted_at is null then left(latest.text, 200) end
from (
    select
        message.chat_id,
        message.sent_at,
        message.text,
        message.deleted_at
    from message
    where message.sent_at >= $from_at
        and message.message_id in (
            select message_id from message_change where kind in ('edited', 'deleted')
        )
) as latest
where chat.chat_id = latest.chat_id
    and chat.last_message_at = latest.sent_at
