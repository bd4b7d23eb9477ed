-- What stands on the cards $account_ids, to be compared with rows of a file. One row per card.
with wanted as (
    select unnest($account_ids)::uuid as account_id
),

person as (
    select
        account_id,
        list({contact_id: contact_id::varchar, name: folded}) as people,
        flatten(list(coalesce(emails, []))) as emails,
        flatten(list(coalesce(messengers, []))) as messengers
    from contact
    where account_id in (select account_id from wanted)
    group by account_id
),

tagged as (
    select
        client_tag.account_id,
        list(replace(lower(tag.title), 'ё', 'е')) as tags
    from client_tag
    inner join tag using (tag_id)
    where client_tag.account_id in (select account_id from wanted)
    group by client_tag.account_id
),

owned as (
    select
        account_id,
        list(number) as numbers
    from phone_assignment
    where until_at is null
        and account_id in (select account_id from wanted)
    group by account_id
)

select
    account.account_id::varchar as account_id,
    account.version,
    account.name,
    account.kind,
    account.responsible_id::varchar as responsible_id,
    coalesce(account.emails, []) as emails,
    coalesce(account.messengers, []) as messengers,
    account.notes,
    account.external_id,
    coalesce(person.people, []) as people,
    coalesce(person.emails, []) as people_emails,
    coalesce(person.messengers, []) as people_messengers,
    coalesce(tagged.tags, []) as tags,
    coalesce(owned.numbers, []) as numbers
from account
left join person on person.account_id = account.account_id
left join tagged on tagged.account_id = account.account_id
left join owned on owned.account_id = account.account_id
where account.account_id in (select account_id from wanted)
