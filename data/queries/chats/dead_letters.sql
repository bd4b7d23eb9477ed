-- Messages that could not be sent, the latest first. One row per message.
select
    message.message_id::varchar as message_id,
    message.chat_id::varchar as chat_id,
    message.kind,
    message.text,
    message.author_name,
    message.sent_at,
    message.error,
    chat.title,
    chat.number,
    chat.messenger,
    chat.messenger_account,
    chat.chat_no
from message
inner join chat using (chat_id)
where message.ours
    and message.state = 'failed'
    and message.sent_at >= $from_at
order by message.sent_at desc
limit $limit
