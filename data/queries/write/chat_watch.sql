-- An employee follows the chat. No row: he does already, or it is his.
update chat
set watcher_ids = list_append(watcher_ids, $employee_id::uuid)
where chat_id = $chat_id::uuid
    and assignee_id is distinct from $employee_id::uuid
    and not list_contains(watcher_ids, $employee_id::uuid)
