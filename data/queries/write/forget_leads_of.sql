-- What hangs on calls that go: lead.
delete from lead
where list_contains($ids::varchar[], call_id)
