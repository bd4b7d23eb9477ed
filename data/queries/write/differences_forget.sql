delete from source_difference
where pbx = $pbx
    and source = $source
    and list_contains($call_ids::varchar[], call_id)
