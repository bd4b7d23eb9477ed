delete from source_difference
where pbx = $pbx
    and source = $source
    and started_at >= $from_at
    and started_at < $until_at
