-- The first comment of a subject. No row: it has one already.
insert into comment (comment_id, subject_kind, subject_id, text, author, author_name, written_at, version)
select $comment_id::uuid, $subject_kind, $subject_id, $text, $author, $author_name, $written_at, 1
where not exists (
    from comment
    where subject_kind = $subject_kind
        and subject_id = $subject_id
)
