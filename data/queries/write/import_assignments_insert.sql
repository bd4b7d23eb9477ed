-- Rows: a JSON list of numbers that become clients'. Fewer rows: one of them got an owner meanwhile.
-- The owners are looked for among these numbers alone: else all numbers of the office would be gathered for each batch.
insert into phone_assignment (assignment_id, number, account_id, contact_id, from_at, assigned_by)
with told as materialized (
    select unnest(
        from_json(
            $rows,
            '[{"assignment_id": "VARCHAR", "number": "VARCHAR", "account_id": "VARCHAR", "contact_id": "VARCHAR"}]'
        ),
        recursive := true
    )
),

taken as (
    select number
    from phone_assignment
    where number in (select number from told)
        and (until_at is null or until_at > $at)
)

select
    assignment_id::uuid,
    number,
    account_id::uuid,
    contact_id::uuid,
    $at,
    $actor
from told
where number not in (select number from taken)
