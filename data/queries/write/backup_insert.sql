insert into backup (made_at, file, bytes, took_s, error)
values ($made_at, $file, $bytes, $took_s, $error)
