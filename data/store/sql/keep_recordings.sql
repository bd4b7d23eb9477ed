-- What is known of the files of recordings that are about to be replaced: one row per recording.
create or replace temp table kept_recording as
select
    recording_id,
    file,
    state,
    path,
    bytes,
    sound_s,
    channel_count,
    codec,
    checksum,
    peaks
from recording
where state <> 'expected'
    and started_at >= $from_at
    and started_at < $until_at
    and list_contains($call_ids::varchar[], call_id);
