-- Only a gap that another source covers from before its beginning to after its end is filled.
update gap
set filled = true
where pbx = $pbx
    and not filled
    and started_at >= $from_at
    and ended_at <= $until_at
returning started_at
