-- Nobody's words are lost when two commented calls turn out to be one: the texts follow each other.
update comment
set
    text = comment.text || chr(10) || joined.text,
    version = comment.version + 1
from (
    select
        moved_call.call_id,
        string_agg(moved.text, chr(10) order by moved.written_at) as text
    from moved_call
    join comment as moved on moved.subject_kind = 'call' and moved.subject_id = moved_call.alias
    group by moved_call.call_id
) as joined
where comment.subject_kind = 'call'
    and comment.subject_id = joined.call_id;
