delete from ring_group
where ring_group = $code
    and pbx is not distinct from $pbx
