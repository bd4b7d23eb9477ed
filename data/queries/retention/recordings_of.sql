-- The sound of these calls: one row per file.
select
    recording_id as id,
    path
from recording
where state = 'present'
    and list_contains($ids::varchar[], call_id)
