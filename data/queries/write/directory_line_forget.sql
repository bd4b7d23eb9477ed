delete from line
where line = $code
    and pbx is not distinct from $pbx
