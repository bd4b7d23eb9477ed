-- Numbers that were ever of these cards, and of nobody else afterwards: one row each.
select number
from phone_assignment
group by number
having list_contains($accounts::varchar[], arg_max(account_id::varchar, from_at))
    or list_contains($contacts::varchar[], arg_max(contact_id::varchar, from_at))
