-- What must not be deleted now: one row each, the latest first.
select
    hold_id::varchar as hold_id,
    subject_kind,
    subject_id,
    reason,
    placed_at,
    placed_by
from legal_hold
where lifted_at is null
order by placed_at desc, hold_id
