-- What to know about the other side of a call: the client's responsible employee, the acquisition channel of the
-- number that was called, and the latest chat with its last words. One row.
select
    (
        select employee.name
        from account
        join employee on employee.employee_id = account.responsible_id
        where account.account_id = $account_id::uuid
    ) as responsible,
    (
        select any_value(title)
        from acquisition_channel
        where did = $did
    ) as channel,
    (
        select struct_pack(
            chat_id := chat.chat_id::varchar,
            messenger := chat.messenger,
            said_at := coalesce(chat.last_message_at, chat.created_at),
            text := (
                select arg_max(message.text, message.sent_at)
                from message
                where message.chat_id = chat.chat_id
                    and message.kind != 'note'
                    and message.text is not null
            )
        )
        from chat
        where chat.account_id = $account_id::uuid
            or ($number is not null and chat.number = $number)
        order by coalesce(chat.last_message_at, chat.created_at) desc
        limit 1
    ) as chat
