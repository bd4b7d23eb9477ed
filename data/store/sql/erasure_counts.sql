-- What an erasure would meet: one row.
select
    (select count(*) from erased_call) as calls,
    (select count(*) from recording where call_id in (select call_id from erased_call)) as recordings,
    (
        select coalesce(sum(bytes), 0)::bigint
        from recording
        where state = 'present'
            and call_id in (select call_id from erased_call)
    ) as recording_bytes,
    (select count(*) from ami_event where call_id in (select call_id from erased_call)) as events,
    (
        select count(*)
        from comment
        where (subject_kind = 'call' and subject_id in (select call_id from erased_call))
            or (subject_kind = 'account' and subject_id in (select id from erased_card where kind = 'account'))
            or (subject_kind = 'chat' and subject_id in (select chat_id::varchar from erased_chat))
    ) as comments,
    (select count(*) from erased_chat) as chats,
    (select count(*) from message where chat_id in (select chat_id from erased_chat)) as messages,
    (
        select count(*)
        from lead
        where number in (select number from erased_number)
            or call_id in (select call_id from erased_call)
            or account_id::varchar in (select id from erased_card where kind = 'account')
    ) as leads,
    (select count(*) from erased_card where kind = 'account') as accounts,
    (select count(*) from erased_card where kind = 'contact') as contacts
