delete from setting
where name = $name
