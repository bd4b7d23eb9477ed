delete from comment
where subject_kind = 'call'
    and subject_id in (
        select moved_call.alias
        from moved_call
        join comment as kept on kept.subject_kind = 'call' and kept.subject_id = moved_call.call_id
    );
