delete from holiday
where on_date = $on_date
