insert into line (line, pbx, title, source)
values ($code, $pbx, $title, $source)
