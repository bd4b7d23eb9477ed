-- What hangs on rows that go: comment.
delete from comment
where subject_kind = $kind
    and list_contains($ids::varchar[], subject_id)
