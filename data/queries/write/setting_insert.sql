insert into setting (name, value, changed_at, changed_by)
values ($name, $value, $changed_at, $changed_by)
