update contact
set
    account_id = account_merge.gone_id,
    stored_at = get_current_timestamp()
from account_merge
where account_merge.merge_id = $merge_id::uuid
    and contact.account_id = account_merge.kept_id
    and list_contains(account_merge.contact_ids, contact.contact_id)
