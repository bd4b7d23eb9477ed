-- What hangs on rows that go: task.
delete from task
where subject_kind = $kind
    and list_contains($ids::varchar[], subject_id)
