update task
set subject_id = account_merge.gone_id::varchar
from account_merge
where account_merge.merge_id = $merge_id::uuid
    and task.subject_kind = 'account'
    and task.subject_id = account_merge.kept_id::varchar
    and list_contains(account_merge.task_ids, task.task_id)
