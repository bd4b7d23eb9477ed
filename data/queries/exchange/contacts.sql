-- Contact persons in the order in which their changes were stored, those after the cursor. A person changes with
-- his fields and with his numbers, and a last time as he is removed. One row per person. Conditions that are null let
-- everything pass.
with person as (
    select
        contact_id,
        account_id,
        external_id,
        name,
        position,
        emails,
        messengers,
        created_at,
        created_by,
        changed_at,
        changed_by,
        version,
        stored_at,
        null::timestamptz as deleted_at
    from contact
    union all
    select
        contact_id,
        account_id,
        external_id,
        name,
        position,
        []::varchar[] as emails,
        []::varchar[] as messengers,
        created_at,
        created_by,
        removed_at as changed_at,
        removed_by as changed_by,
        version,
        stored_at,
        removed_at as deleted_at
    from contact_gone
),

moved as (
    select
        contact_id,
        max(stored_at) as stored_at
    from phone_assignment
    where contact_id is not null
        and ($after_at::timestamptz is null or stored_at >= $after_at)
    group by contact_id
),

listed as (
    select
        person.contact_id,
        greatest(person.stored_at, moved.stored_at) as moment
    from person
    left join moved using (contact_id)
    where ($contact_id::uuid is null or person.contact_id = $contact_id::uuid)
        and ($account_id::uuid is null or person.account_id = $account_id::uuid)
        and ($external_id is null or person.external_id = $external_id)
        and (
            $after_at::timestamptz is null
            or greatest(person.stored_at, moved.stored_at) > $after_at
            or (greatest(person.stored_at, moved.stored_at) = $after_at and person.contact_id > $after_id::uuid)
        )
    order by moment, person.contact_id
    limit $limit
)

select
    person.contact_id::varchar as contact_id,
    person.account_id::varchar as account_id,
    person.external_id,
    person.name,
    person.position,
    person.emails,
    person.messengers,
    person.created_at,
    person.created_by,
    person.changed_at,
    person.changed_by,
    person.version,
    person.deleted_at,
    listed.moment,
    (
        select coalesce(list(number order by from_at, number), [])
        from phone_assignment
        where phone_assignment.contact_id = person.contact_id
            and until_at is null
    ) as phones
from listed
inner join person using (contact_id)
order by listed.moment, person.contact_id
