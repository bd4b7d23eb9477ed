-- What hangs on calls that go: ami_event.
delete from ami_event
where list_contains($ids::varchar[], call_id)
