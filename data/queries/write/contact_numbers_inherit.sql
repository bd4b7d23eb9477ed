-- Numbers of a person who is removed are the client's own from now on. The person's time ends in the next step.
insert into phone_assignment (assignment_id, number, account_id, contact_id, from_at, assigned_by)
select
    uuid(),
    number,
    account_id,
    null,
    greatest($at, from_at),
    $actor
from phone_assignment
where contact_id = $contact_id::uuid
    and until_at is null
