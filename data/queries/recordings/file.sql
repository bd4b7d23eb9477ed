-- The recording $recording_id, if $everything, or one of $extensions took part in its call.
select
    recording.recording_id,
    recording.call_id,
    recording.state,
    recording.path,
    recording.codec
from recording
where recording.recording_id = $recording_id
    and (
        $everything
        or exists (
            select 1
            from leg
            where leg.call_id = recording.call_id
                and (leg.party in (select unnest($extensions)) or leg.caller in (select unnest($extensions)))
        )
    )
limit 1
