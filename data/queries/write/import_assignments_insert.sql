-- Rows: a JSON list of numbers that become clients'. Fewer rows: one of them got an owner meanwhile.
insert into phone_assignment (assignment_id, number, account_id, contact_id, from_at, assigned_by)
select
    told.assignment_id::uuid,
    told.number,
    told.account_id::uuid,
    told.contact_id::uuid,
    $at,
    $actor
from (
    select unnest(
        from_json(
            $rows,
            '[{"assignment_id": "VARCHAR", "number": "VARCHAR", "account_id": "VARCHAR", "contact_id": "VARCHAR"}]'
        )
    ) as told
)
where told.number not in (
        select number
        from phone_assignment
        where until_at is null
            or until_at > $at
    )
