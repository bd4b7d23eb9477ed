insert into holiday (on_date, title, opens, closes, source)
values ($on_date, $title, $opens, $closes, $source)
