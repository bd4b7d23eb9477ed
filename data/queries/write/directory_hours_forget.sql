delete from working_hours
where weekday = $weekday
