-- Nobody understands it: kept aside, with the reason.
update hook_event
set
    state = 'failed',
    error = $error,
    attempts = attempts + 1,
    done_at = $at
where hook_id = $hook_id::uuid
    and state = 'new'
