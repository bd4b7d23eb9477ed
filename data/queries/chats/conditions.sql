-- Conditions over `chat`. $mine: ids of the employees that the user is.

-- name: everything
true

-- name: own
(
    chat.state = 'queued'
    or list_contains($mine::uuid[], chat.assignee_id)
    or list_has_any(chat.watcher_ids, $mine::uuid[])
)

-- name: asked
(
    (
        $whose = 'all'
        or chat.state = 'queued'
        or list_contains($mine::uuid[], chat.assignee_id)
        or list_has_any(chat.watcher_ids, $mine::uuid[])
    )
    and (
        $words is null
        or contains(replace(lower(coalesce(chat.title, '')), 'ё', 'е'), $words)
        or ($number_part is not null and contains(coalesce(chat.number, ''), $number_part))
        or ($number_start is not null and starts_with(coalesce(chat.number, ''), $number_start))
        or chat.chat_no = $chat_no
        or chat.account_id in (
            select account.account_id
            from account
            where contains(replace(lower(account.name), 'ё', 'е'), $words)
        )
        or chat.chat_id in (
            select message.chat_id
            from message
            where message.deleted_at is null
                and contains(replace(lower(message.text), 'ё', 'е'), $words)
        )
    )
)
