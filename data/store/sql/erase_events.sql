-- What the PBX said of his calls.
delete from ami_event
where call_id in (select call_id from erased_call)
