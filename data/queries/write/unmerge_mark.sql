-- No row: it was undone already, it is too old, or the card that stayed was itself merged away since.
update account_merge
set
    undone_at = $at,
    undone_by = $actor
from account as kept
where merge_id = $merge_id::uuid
    and undone_at is null
    and merged_at > $since
    and kept.account_id = account_merge.kept_id
    and kept.merged_into is null
