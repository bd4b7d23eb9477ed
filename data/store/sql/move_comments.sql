-- The other comments move; of several calls that became one, only the first comment can.
update comment
set subject_id = first.call_id
from (
    select
        moved_call.call_id,
        arg_min(moved.subject_id, moved.written_at) as alias
    from moved_call
    join comment as moved on moved.subject_kind = 'call' and moved.subject_id = moved_call.alias
    group by moved_call.call_id
) as first
where comment.subject_kind = 'call'
    and comment.subject_id = first.alias;
