-- Somebody asks for the erasure of a person; ingest carries it out.
insert into erasure (erasure_id, reason, subject, state, asked_at, asked_by)
values ($erasure_id, $reason, $subject, 'asked', $at, $actor)
