-- A block of the list of clients, in order, with what the list shows of them. One row per client.
-- The few clients are picked out first, so that every join meets them alone.
with
|with|
listed as materialized (
    select
        account.account_id,
        account.name,
        account.kind,
        account.responsible_id,
        account.notes,
        account.external_id,
        account.created_at,
        account.changed_at,
        account.emails,
        |key| as sort_key
    from account
    where |where|
    order by |key| |direction|, account.account_id |direction|
    limit $limit
),

owned as materialized (
    select
        account_id,
        number
    from phone_assignment
    where until_at is null
        and account_id in (select account_id from listed)
),

rang as (
    select
        number,
        last_call_at
    from number
    where number in (select number from owned)
),

heard as (
    select
        owned.account_id,
        list(owned.number order by owned.number) as numbers,
        max(rang.last_call_at) as last_call_at
    from owned
    left join rang using (number)
    group by owned.account_id
),

person as (
    select
        account_id,
        list(name order by name, contact_id) as people,
        flatten(list(coalesce(emails, []) order by name, contact_id)) as emails
    from contact
    where account_id in (select account_id from listed)
    group by account_id
),

tagged as (
    select
        client_tag.account_id,
        list({title: tag.title, colour: tag.colour} order by lower(tag.title)) as tags
    from client_tag
    inner join tag using (tag_id)
    where client_tag.account_id in (select account_id from listed)
    group by client_tag.account_id
)

select
    listed.account_id::varchar as account_id,
    listed.name,
    listed.kind,
    listed.responsible_id::varchar as responsible_id,
    employee.name as responsible,
    coalesce(tagged.tags, []) as tags,
    listed.notes,
    listed.external_id,
    listed.created_at,
    listed.changed_at,
    coalesce(heard.numbers, []) as numbers,
    heard.last_call_at,
    coalesce(person.people, []) as people,
    list_distinct(coalesce(listed.emails, []) || coalesce(person.emails, [])) as emails,
    listed.sort_key
from listed
left join employee on employee.employee_id = listed.responsible_id
left join heard on heard.account_id = listed.account_id
left join tagged on tagged.account_id = listed.account_id
left join person on person.account_id = listed.account_id
order by listed.sort_key |direction|, listed.account_id |direction|
