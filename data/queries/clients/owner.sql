-- Whose the number is now. At most one row.
select
    phone_assignment.account_id::varchar as account_id,
    phone_assignment.contact_id::varchar as contact_id,
    account.name,
    contact.name as contact,
    phone_assignment.from_at
from phone_assignment
inner join account using (account_id)
left join contact on contact.contact_id = phone_assignment.contact_id
where phone_assignment.number = $number
    and phone_assignment.until_at is null
order by phone_assignment.from_at desc
limit 1
