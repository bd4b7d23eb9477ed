-- No row where the same is typed for another answer already.
insert into canned_reply (reply_id, shortcut, title, text, messenger_account, changed_at, changed_by)
select $reply_id::uuid, $shortcut, $title, $text, $account, $at, $actor
where not exists (
    select 1
    from canned_reply
    where shortcut = $shortcut
        and (messenger_account is null or $account is null or messenger_account = $account)
)
