-- Details of what people did with his cards, numbers and chats; that they did it stays.
update audit
set detail = null
where detail is not null
    and (
        subject_id in (select id from erased_card)
        or subject_id in (select number from erased_number)
        or subject_id in (select call_id from erased_call)
        or subject_id in (select chat_id::varchar from erased_chat)
    )
