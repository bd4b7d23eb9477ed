insert into outbox (outbox_id, kind, target, subject_id, payload, created_at, created_by, changed_at)
values ($outbox_id, $kind, $target, $subject_id, $payload, $created_at, $created_by, $created_at)
