update canned_reply
set
    shortcut = $shortcut,
    title = $title,
    text = $text,
    messenger_account = $account,
    changed_at = $at,
    changed_by = $actor
where reply_id = $reply_id::uuid
    and not exists (
        select 1
        from canned_reply as other
        where other.reply_id <> $reply_id::uuid
            and other.shortcut = $shortcut
            and (other.messenger_account is null or $account is null or other.messenger_account = $account)
    )
