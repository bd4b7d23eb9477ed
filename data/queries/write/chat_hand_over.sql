-- An open chat becomes another's, or nobody's (back into the queue). No row: somebody changed it meanwhile.
update chat
set
    state = case when $employee_id::uuid is null then 'queued' else 'active' end,
    assignee_id = $employee_id::uuid,
    watcher_ids = list_filter(watcher_ids, lambda watcher: watcher is distinct from $employee_id::uuid),
    taken_at = case when $employee_id::uuid is null then null else $at end,
    queued_at = case when $employee_id::uuid is null then $at else queued_at end,
    version = version + 1
where chat_id = $chat_id::uuid
    and state != 'closed'
    and version = $version
