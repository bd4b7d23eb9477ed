-- What clients said in chats since they wait for an answer. One row per chat.
select
    chat.chat_id::varchar as chat_id,
    string_agg(message.text, ' ' order by message.sent_at) as words
from chat
inner join message
    on message.chat_id = chat.chat_id
    and message.sent_at >= chat.waiting_since
where list_contains($chat_ids::uuid[], chat.chat_id)
    and message.sent_at >= $from_at
    and not message.ours
    and message.kind not in ('note', 'system')
    and message.deleted_at is null
    and message.text is not null
group by chat.chat_id
