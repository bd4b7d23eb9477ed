-- Only a gap that another source covers from before its beginning to after its end is filled.
update gap
set
    filled = filled or $has_every_call,
    filled_from = list_append(coalesce(filled_from, []::varchar[]), $source)
where pbx = $pbx
    and not filled
    and not list_contains(coalesce(filled_from, []::varchar[]), $source)
    and started_at >= $from_at
    and ended_at <= $until_at
returning started_at
