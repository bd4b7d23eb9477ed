-- The card that stays is as it was. No row: somebody changed it since, and that is kept.
update account
set
    responsible_id = account_merge.kept_responsible_id,
    notes = account_merge.kept_notes,
    emails = account_merge.kept_emails,
    messengers = account_merge.kept_messengers,
    changed_at = $at,
    stored_at = get_current_timestamp(),
    changed_by = $actor,
    version = version + 1
from account_merge
where account_merge.merge_id = $merge_id::uuid
    and account.account_id = account_merge.kept_id
    and account.version = account_merge.kept_version
