-- No row: somebody closed or changed it meanwhile.
update chat
set
    state = 'closed',
    closed_at = $at,
    waiting_since = null,
    unread_count = 0,
    version = version + 1
where chat_id = $chat_id::uuid
    and state != 'closed'
    and version = $version
