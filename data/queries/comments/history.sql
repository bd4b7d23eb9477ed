-- The former texts of one subject's comment, the latest first. One row per text.
select
    comment.subject_kind,
    comment.subject_id,
    comment_history.text,
    comment_history.author,
    comment_history.author_name,
    comment_history.written_at,
    comment_history.version
from comment_history
inner join comment using (comment_id)
where comment.subject_kind = $subject_kind
    and comment.subject_id = $subject_id
order by comment_history.version desc
