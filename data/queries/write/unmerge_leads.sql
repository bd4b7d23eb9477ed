update lead
set account_id = account_merge.gone_id
from account_merge
where account_merge.merge_id = $merge_id::uuid
    and lead.account_id = account_merge.kept_id
    and list_contains(account_merge.lead_ids, lead.lead_id)
