-- It was understood, and could not be stored: to be tried again.
update hook_event
set
    error = $error,
    attempts = attempts + 1
where hook_id = $hook_id::uuid
    and state = 'new'
