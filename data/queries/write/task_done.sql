-- Done, or open again. No row: somebody else changed the task meanwhile.
update task
set
    done_at = case when $done then $at end,
    done_by = case when $done then $actor end,
    changed_at = $at,
    changed_by = $actor,
    version = version + 1
where task_id = $task_id::uuid
    and version = $version
