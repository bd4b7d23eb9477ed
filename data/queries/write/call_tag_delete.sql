delete from call_tag
where list_contains($tag_ids::uuid[], tag_id)
    and call_id in (select unnest($call_ids::varchar[]))
