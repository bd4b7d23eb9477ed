update recording
set
    state = kept.state,
    path = kept.path,
    bytes = kept.bytes,
    sound_s = kept.sound_s,
    channel_count = kept.channel_count,
    codec = kept.codec,
    checksum = kept.checksum,
    peaks = kept.peaks
from kept_recording as kept
where recording.recording_id = kept.recording_id
    and recording.file = kept.file
    and recording.state = 'expected'
    and recording.started_at >= $from_at
    and recording.started_at < $until_at;
