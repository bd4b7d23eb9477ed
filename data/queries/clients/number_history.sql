-- Everybody whose the number was, in the order of time, persons who were removed too. One row per assignment.
select
    phone_assignment.account_id::varchar as account_id,
    phone_assignment.contact_id::varchar as contact_id,
    account.name,
    coalesce(contact.name, contact_gone.name) as contact,
    phone_assignment.from_at,
    phone_assignment.until_at,
    phone_assignment.assigned_by
from phone_assignment
inner join account using (account_id)
left join contact on contact.contact_id = phone_assignment.contact_id
left join contact_gone on contact_gone.contact_id = phone_assignment.contact_id
where phone_assignment.number = $number
order by phone_assignment.from_at, phone_assignment.until_at
