-- New chats. rows: a JSON list; nobody else may have opened one of them meanwhile (expect_rows).
insert into chat (
    chat_id, messenger, messenger_account, user_key, title, number, state, created_at, queued_at, is_group, chat_no
)
select
    fresh.chat_id::uuid,
    fresh.messenger,
    fresh.account,
    fresh.user_key,
    fresh.title,
    fresh.number,
    'queued',
    fresh.created_at::timestamptz,
    $at,
    fresh.is_group,
    (select coalesce(max(chat_no), 0) from chat) + row_number() over (order by fresh.created_at, fresh.chat_id)
from (
    select unnest(
        from_json(
            $rows,
            '[{"chat_id": "VARCHAR", "messenger": "VARCHAR", "account": "VARCHAR", "user_key": "VARCHAR",
               "title": "VARCHAR", "number": "VARCHAR", "created_at": "VARCHAR", "is_group": "BOOLEAN"}]'
        )
    ) as fresh
)
where not exists (
    select 1
    from chat
    where chat.messenger_account = fresh.account
        and chat.user_key = fresh.user_key
)
