-- A file that was measured before is there again.
update recording
set state = 'present'
where recording_id = $recording_id
    and file = $file
    and started_at = $started_at
    and state = 'missing'
