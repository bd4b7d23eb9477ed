-- The waveform of the recording $recording_id: unsigned bytes, sides one after the other.
select
    recording.peaks,
    coalesce(recording.channel_count, 1) as sides
from recording
where recording.recording_id = $recording_id
limit 1
