-- Those that nobody understood wait to be read once more.
update hook_event
set
    state = 'new',
    attempts = 0,
    error = null,
    done_at = null
where hook_id in (select unnest($hook_ids)::uuid)
    and state = 'failed'
