-- Events of the PBX whose time in the database is over, but for those that a hold keeps; the journal keeps its
-- own copy for as long as it is told.
delete from ami_event
where received_at >= $from_at
    and received_at < $until_at
    and (call_id is null or call_id not in (select call_id from held_call))
