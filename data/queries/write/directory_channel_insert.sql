insert into acquisition_channel (did, title, source)
values ($did, $title, $source)
