-- Conditions of the list of clients over `account`, one per filter; those in use are joined by "and".

-- name: kind
account.kind = $kind

-- name: responsible
account.responsible_id = $responsible_id::uuid

-- name: nobody
account.responsible_id is null

-- name: tag
account.account_id in (
    select client_tag.account_id
    from client_tag
    inner join tag using (tag_id)
    where replace(lower(tag.title), 'ё', 'е') = $tag
)

-- name: found
(
    contains(account.folded, $words)
    or account.account_id in (select account_id from found)
)

-- name: after_ascending
(
    |key| > $after_key
    or (|key| = $after_key and account.account_id > $after_id::uuid)
)

-- name: after_descending
(
    |key| < $after_key
    or (|key| = $after_key and account.account_id < $after_id::uuid)
)

-- name: key_name
account.folded

-- name: key_changed
account.changed_at

-- name: key_created
account.created_at
