-- What the list shows of the clients $account_ids. One row per client, in no order.
-- The few clients are picked out first, so that every join meets them alone.
with wanted as materialized (
    select unnest($account_ids)::uuid as account_id
),

shown as materialized (
    select
        account_id,
        name,
        kind,
        responsible_id,
        notes,
        external_id,
        created_at,
        changed_at,
        emails
    from account
    where account_id in (select account_id from wanted)
),

owned as materialized (
    select
        account_id,
        number
    from phone_assignment
    where until_at is null
        and account_id in (select account_id from wanted)
),

heard as (
    select
        owned.account_id,
        list(owned.number order by owned.number) as numbers,
        max(number.last_call_at) as last_call_at
    from owned
    left join number using (number)
    group by owned.account_id
),

person as (
    select
        account_id,
        list(name order by name, contact_id) as people,
        flatten(list(coalesce(emails, []) order by name, contact_id)) as emails
    from contact
    where account_id in (select account_id from wanted)
    group by account_id
),

tagged as (
    select
        client_tag.account_id,
        list({title: tag.title, colour: tag.colour} order by lower(tag.title)) as tags
    from client_tag
    inner join tag using (tag_id)
    where client_tag.account_id in (select account_id from wanted)
    group by client_tag.account_id
)

select
    shown.account_id::varchar as account_id,
    shown.name,
    shown.kind,
    shown.responsible_id::varchar as responsible_id,
    employee.name as responsible,
    coalesce(tagged.tags, []) as tags,
    shown.notes,
    shown.external_id,
    shown.created_at,
    shown.changed_at,
    coalesce(heard.numbers, []) as numbers,
    heard.last_call_at,
    coalesce(person.people, []) as people,
    list_distinct(coalesce(shown.emails, []) || coalesce(person.emails, [])) as emails
from shown
left join employee on employee.employee_id = shown.responsible_id
left join heard on heard.account_id = shown.account_id
left join tagged on tagged.account_id = shown.account_id
left join person on person.account_id = shown.account_id
