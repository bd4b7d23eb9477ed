update task
set subject_id = moved_call.call_id
from moved_call
where task.subject_kind = 'call'
    and task.subject_id = moved_call.alias;
