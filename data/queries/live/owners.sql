-- One row per number of $numbers that belongs to a client now.
select
    number_owner.number,
    account.account_id::varchar as account_id,
    account.name as client,
    contact.contact_id::varchar as contact_id,
    contact.name as contact
from number_owner
join account using (account_id)
left join contact using (contact_id)
where number_owner.number in (select unnest($numbers))
    and number_owner.owns_from_at <= $at
    and number_owner.owns_until_at > $at
