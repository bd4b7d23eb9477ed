-- A queued chat becomes somebody's. No row: somebody else was quicker.
update chat
set
    state = 'active',
    assignee_id = $employee_id::uuid,
    watcher_ids = list_filter(watcher_ids, lambda watcher: watcher != $employee_id::uuid),
    taken_at = $at,
    version = version + 1
where chat_id = $chat_id::uuid
    and state = 'queued'
    and version = $version
