delete from chat_seen
where chat_id = $chat_id::uuid
    and login = $login
    and seen_at < $seen_at
