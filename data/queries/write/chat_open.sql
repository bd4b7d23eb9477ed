-- A chat that we begin. No row: there is one with him already.
insert into chat (
    chat_id, messenger, messenger_account, user_key, title, number, account_id, assignee_id, state, created_at,
    queued_at, taken_at, chat_no
)
select
    $chat_id::uuid,
    $messenger,
    $account,
    $user_key,
    $title,
    $number,
    $account_id::uuid,
    $employee_id::uuid,
    'active',
    $at,
    $at,
    $at,
    (select coalesce(max(chat_no), 0) + 1 from chat)
where not exists (
    select 1
    from chat
    where messenger_account = $account
        and user_key = $user_key
)
