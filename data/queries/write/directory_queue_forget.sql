delete from queue
where queue = $code
    and pbx is not distinct from $pbx
