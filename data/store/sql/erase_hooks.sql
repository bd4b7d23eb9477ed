-- Raw bodies from a messenger that name him.
delete from hook_event
where contains(body::varchar, $needle)
