-- The text that is about to be replaced goes into the history. No row: it is not of that version.
insert into comment_history (comment_id, version, text, author, author_name, written_at)
select comment_id, version, text, author, author_name, written_at
from comment
where subject_kind = $subject_kind
    and subject_id = $subject_id
    and version = $version
