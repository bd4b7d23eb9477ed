-- Something that must not be deleted.
insert into legal_hold (hold_id, subject_kind, subject_id, reason, placed_at, placed_by)
values ($hold_id, $subject_kind, $subject_id, $reason, $at, $actor)
