-- Recordings of calls of the period by what became of their files.
select
    recording.state,
    count(*) as recordings
from recording
inner join call on call.call_id = recording.call_id
where call.started_at >= $from_at
    and call.started_at < $until_at
    and recording.started_at >= $from_at
group by recording.state
order by recordings desc
