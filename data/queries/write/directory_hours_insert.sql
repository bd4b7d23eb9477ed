insert into working_hours (weekday, opens, closes, source)
values ($weekday, $opens, $closes, $source)
