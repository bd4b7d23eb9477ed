insert into queue (queue, pbx, extension, title, source)
values ($code, $pbx, $extension, $title, $source)
