-- One merge by its id, with both cards. One row, or none.
select
    kept_id::varchar as kept_id,
    gone_id::varchar as gone_id,
    merged_at,
    kept_version,
    undone_at
from account_merge
where merge_id = $merge_id::uuid
