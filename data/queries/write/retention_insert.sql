-- How long a class is kept.
insert into retention_rule (class, days, changed_at, changed_by)
values ($class, $days, $at, $actor)
