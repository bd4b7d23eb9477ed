-- Recordings without a file, the newest first: of all calls if $everything, else of those in which $extensions took part.
select
    recording.started_at,
    recording.call_id,
    recording.recording_id,
    recording.file,
    recording.path,
    recording.bytes
from recording
where recording.state = 'missing'
    and (
        $everything
        or exists (
            select 1
            from leg
            where leg.call_id = recording.call_id
                and (leg.party in (select unnest($extensions)) or leg.caller in (select unnest($extensions)))
        )
    )
order by recording.started_at desc, recording.recording_id desc
limit $limit
offset $offset
