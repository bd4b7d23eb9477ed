-- An employee follows the chat no more. No row: he did not.
update chat
set watcher_ids = list_filter(watcher_ids, lambda watcher: watcher != $employee_id::uuid)
where chat_id = $chat_id::uuid
    and list_contains(watcher_ids, $employee_id::uuid)
