-- Numbers that were the client's for a time. One row per assignment that ended, the latest first.
select
    number,
    from_at,
    until_at
from phone_assignment
where account_id = $account_id::uuid
    and until_at is not null
order by until_at desc, number
