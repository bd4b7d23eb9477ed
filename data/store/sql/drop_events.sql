delete from ami_event
where received_at >= $from_at
    and received_at < $until_at
    and list_contains($call_ids::varchar[], call_id);
