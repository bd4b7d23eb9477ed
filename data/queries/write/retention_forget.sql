-- The class is kept as long as there is room again.
delete from retention_rule
where class = $class
