-- Chats that are nobody's yet become their client's: by the number, else by an id on the card. rows: a JSON list.
with
writer as (
    select unnest(
        from_json($rows, '[{"chat_id": "VARCHAR", "number": "VARCHAR", "ids": ["VARCHAR"]}]')
    ) as one
),

by_number as (
    select
        writer.one.chat_id::uuid as chat_id,
        arg_max(phone_assignment.account_id, phone_assignment.from_at) as account_id,
        arg_max(coalesce(phone_assignment.contact_id::varchar, ''), phone_assignment.from_at) as contact_id
    from writer
    inner join phone_assignment
        on phone_assignment.number = writer.one.number
        and phone_assignment.until_at is null
    group by all
),

id as (
    select
        writer.one.chat_id::uuid as chat_id,
        unnest(writer.one.ids) as id
    from writer
),

known_id as (
    select
        lower(unnest(contact.messengers)) as id,
        contact.account_id,
        contact.contact_id::varchar as contact_id
    from contact
    where len(contact.messengers) > 0
    union all
    select
        lower(unnest(account.messengers)),
        account.account_id,
        ''
    from account
    where len(account.messengers) > 0
        and account.merged_into is null
),

by_id as (
    select
        id.chat_id,
        arg_max(known_id.account_id, known_id.contact_id) as account_id,
        max(known_id.contact_id) as contact_id
    from id
    inner join known_id using (id)
    group by all
    having count(distinct known_id.account_id) = 1  -- an id on the cards of two clients tells nothing
),

found as (
    select
        coalesce(by_number.chat_id, by_id.chat_id) as chat_id,
        coalesce(by_number.account_id, by_id.account_id) as account_id,
        nullif(case when by_number.chat_id is not null then by_number.contact_id else by_id.contact_id end, '') as contact_id
    from by_number
    full join by_id using (chat_id)
)

update chat
set
    account_id = found.account_id,
    contact_id = found.contact_id::uuid
from found
where chat.chat_id = found.chat_id
    and chat.account_id is null
