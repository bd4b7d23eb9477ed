update hook_event
set
    state = 'done',
    done_at = $at
where hook_id in (select unnest($hook_ids)::uuid)
    and state = 'new'
