insert into audit (acted_at, actor, action, subject_kind, subject_id, detail)
values ($acted_at, $actor, $action, $subject_kind, $subject_id, $detail)
