update task
set subject_id = $kept_id
where subject_kind = 'account'
    and subject_id = $gone_id
