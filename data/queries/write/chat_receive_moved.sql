-- Chats that go on under another id of theirs at the messenger, unless one stands there already. rows: a JSON list.
update chat
set user_key = moved.one.user_key
from (
    select unnest(
        from_json($rows, '[{"account": "VARCHAR", "user_key": "VARCHAR", "former_key": "VARCHAR"}]')
    ) as one
) as moved
where chat.messenger_account = moved.one.account
    and chat.user_key = moved.one.former_key
    and not exists (
        select 1
        from chat as present
        where present.messenger_account = moved.one.account
            and present.user_key = moved.one.user_key
    )
