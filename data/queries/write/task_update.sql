-- No row: somebody else changed the task meanwhile.
update task
set
    title = $title,
    notes = $notes,
    owner_id = $owner_id::uuid,
    due_at = $due_at,
    remind_at = $remind_at,
    changed_at = $at,
    changed_by = $actor,
    version = version + 1
where task_id = $task_id::uuid
    and version = $version
