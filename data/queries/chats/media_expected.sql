-- Files that clients sent and that are not fetched yet, the newest first.
select
    message.message_id::varchar as message_id,
    message.chat_id::varchar as chat_id,
    message.kind,
    message.media_ref,
    message.media_type,
    message.media_bytes,
    message.stored_at,
    chat.messenger_account as account
from message
inner join chat using (chat_id)
where message.media_state = 'expected'
    and not message.ours
order by message.sent_at desc
limit $limit
