-- What hangs on calls that go: source_difference.
delete from source_difference
where list_contains($ids::varchar[], call_id)
