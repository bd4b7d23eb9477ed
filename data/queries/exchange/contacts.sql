-- Contact persons in the order in which their changes were stored, those after the cursor. A person changes with
-- his fields and with his numbers. One row per person. Conditions that are null let everything pass.
with moved as (
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
        contact.contact_id,
        greatest(contact.stored_at, moved.stored_at) as moment
    from contact
    left join moved using (contact_id)
    where ($contact_id::uuid is null or contact.contact_id = $contact_id::uuid)
        and ($account_id::uuid is null or contact.account_id = $account_id::uuid)
        and ($external_id is null or contact.external_id = $external_id)
        and (
            $after_at::timestamptz is null
            or greatest(contact.stored_at, moved.stored_at) > $after_at
            or (greatest(contact.stored_at, moved.stored_at) = $after_at and contact.contact_id > $after_id::uuid)
        )
    order by moment, contact.contact_id
    limit $limit
)

select
    contact.contact_id::varchar as contact_id,
    contact.account_id::varchar as account_id,
    contact.external_id,
    contact.name,
    contact.position,
    contact.emails,
    contact.created_at,
    contact.created_by,
    contact.changed_at,
    contact.changed_by,
    contact.version,
    listed.moment,
    (
        select coalesce(list(number order by from_at, number), [])
        from phone_assignment
        where phone_assignment.contact_id = contact.contact_id
            and until_at is null
    ) as phones
from listed
inner join contact using (contact_id)
order by listed.moment, contact.contact_id
