-- The file of a recording is there and measured. No row: newer facts name another file, or retention took it.
update recording
set
    state = 'present',
    path = $path,
    bytes = $bytes,
    sound_s = $sound_s,
    channel_count = $channel_count,
    codec = $codec,
    checksum = $checksum,
    peaks = $peaks::blob
where recording_id = $recording_id
    and file = $file
    and started_at = $started_at
    and state <> 'deleted'
