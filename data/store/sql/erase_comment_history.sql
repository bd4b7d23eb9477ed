-- Former texts of comments on him.
delete from comment_history
where comment_id in (
    select comment_id
    from comment
    where (subject_kind = 'call' and subject_id in (select call_id from erased_call))
        or (subject_kind = 'account' and subject_id in (select id from erased_card where kind = 'account'))
        or (subject_kind = 'chat' and subject_id in (select chat_id::varchar from erased_chat))
)
