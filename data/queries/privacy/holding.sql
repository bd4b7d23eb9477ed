-- Holds that forbid the erasure of $numbers and $accounts: one row each.
select
    subject_kind,
    subject_id,
    reason
from legal_hold
where lifted_at is null
    and (
        (subject_kind = 'number' and list_contains($numbers::varchar[], subject_id))
        or (
            subject_kind = 'account'
            and (
                list_contains($accounts::varchar[], subject_id)
                or subject_id in (
                    select account_id::varchar
                    from phone_assignment
                    where list_contains($numbers::varchar[], number)
                )
            )
        )
        or (
            subject_kind = 'call'
            and subject_id in (
                select call_id
                from call
                where list_contains($numbers::varchar[], external_number)
            )
        )
    )
order by placed_at
