-- The comment of one subject as it stands. At most one row.
select
    subject_kind,
    subject_id,
    text,
    author,
    author_name,
    written_at,
    version
from comment
where subject_kind = $subject_kind
    and subject_id = $subject_id
