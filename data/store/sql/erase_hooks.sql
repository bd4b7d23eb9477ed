-- Raw bodies from a messenger that name him; $needle in small.
delete from hook_event
where contains(lower(body::varchar), $needle)
