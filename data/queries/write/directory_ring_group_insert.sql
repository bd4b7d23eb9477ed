insert into ring_group (ring_group, pbx, title, source)
values ($code, $pbx, $title, $source)
