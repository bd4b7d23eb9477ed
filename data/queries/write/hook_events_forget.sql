delete from hook_event
where (state = 'done' and received_at < $done_before)
    or (state = 'failed' and received_at < $failed_before)
