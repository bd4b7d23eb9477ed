-- No file of the recording is there. What was measured stays, for the day it comes back.
update recording
set state = 'missing'
where recording_id = $recording_id
    and file = $file
    and started_at = $started_at
    and state in ('expected', 'present')
