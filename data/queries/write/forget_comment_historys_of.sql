-- What hangs on rows that go: comment_history.
delete from comment_history
where comment_id in (
    select comment_id
    from comment
    where subject_kind = $kind
        and list_contains($ids::varchar[], subject_id)
)
