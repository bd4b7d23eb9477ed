-- Two comments become one: the survivor's former text goes into its history.
insert into comment_history
select
    kept.comment_id,
    kept.version,
    kept.text,
    kept.author,
    kept.author_name,
    kept.written_at
from comment as kept
where kept.subject_kind = 'call'
    and kept.subject_id in (
        select moved_call.call_id
        from moved_call
        join comment on comment.subject_kind = 'call' and comment.subject_id = moved_call.alias
    );
