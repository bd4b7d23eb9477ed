-- Stretches that other rules built, or another time zone.
delete from call_day_built
where made_by != $made_by;
