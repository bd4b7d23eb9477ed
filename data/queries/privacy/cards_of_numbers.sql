-- Cards that these numbers lead to: contact persons, and clients that are persons. One row per card.
select distinct
    contact.contact_id::varchar as contact_id,
    null::varchar as account_id
from phone_assignment
inner join contact using (contact_id)
where list_contains($numbers::varchar[], phone_assignment.number)
union
select
    null,
    account.account_id::varchar
from phone_assignment
inner join account on account.account_id = phone_assignment.account_id
where list_contains($numbers::varchar[], phone_assignment.number)
    and account.kind = 'person'
