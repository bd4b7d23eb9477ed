insert into task (
    task_id, title, notes, owner_id, due_at, remind_at, subject_kind, subject_id, created_at, created_by, changed_at, changed_by
)
values (
    $task_id::uuid,
    $title,
    $notes,
    $owner_id::uuid,
    $due_at,
    $remind_at,
    $subject_kind,
    $subject_id,
    $at,
    $actor,
    $at,
    $actor
)
