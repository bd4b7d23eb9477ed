-- Persons who went over and were removed since were the other client's: other systems hear of it.
update contact_gone
set
    account_id = account_merge.gone_id,
    stored_at = get_current_timestamp()
from account_merge
where account_merge.merge_id = $merge_id::uuid
    and contact_gone.account_id = account_merge.kept_id
    and list_contains(account_merge.contact_ids, contact_gone.contact_id)
