-- Recordings of the calls of $numbers: one row each.
select
    recording_id,
    path
from recording
where call_id in (
    select call_id
    from call
    where list_contains($numbers::varchar[], external_number)
)
