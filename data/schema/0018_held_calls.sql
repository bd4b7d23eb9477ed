-- Calls that neither retention nor an erasure may touch: held themselves, by their number or by its client.
create view held_call as
select subject_id as call_id
from legal_hold
where lifted_at is null
    and subject_kind = 'call'
union
select call.call_id
from call
where call.external_number in (
    select subject_id
    from legal_hold
    where lifted_at is null
        and subject_kind = 'number'
    union
    select phone_assignment.number
    from legal_hold
    inner join phone_assignment on phone_assignment.account_id::varchar = legal_hold.subject_id
    where legal_hold.lifted_at is null
        and legal_hold.subject_kind = 'account'
);
