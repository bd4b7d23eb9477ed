delete from queue_visit
where entered_at >= $from_at
    and entered_at < $until_at
    and list_contains($call_ids::varchar[], call_id)
