-- A call has as many recordings as it has.
update call
set recording_count = (select count(*) from recording where recording.call_id = $call_id)
where call_id = $call_id
    and started_at >= $from_at
    and started_at < $until_at
