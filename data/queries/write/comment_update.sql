update comment
set
    text = $text,
    author = $author,
    author_name = $author_name,
    written_at = $written_at,
    version = version + 1
where subject_kind = $subject_kind
    and subject_id = $subject_id
    and version = $version
