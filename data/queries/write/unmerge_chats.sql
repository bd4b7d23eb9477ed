update chat
set account_id = account_merge.gone_id
from account_merge
where account_merge.merge_id = $merge_id::uuid
    and chat.account_id = account_merge.kept_id
    and list_contains(account_merge.chat_ids, chat.chat_id)
