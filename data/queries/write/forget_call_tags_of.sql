-- What hangs on calls that go: call_tag.
delete from call_tag
where list_contains($ids::varchar[], call_id)
