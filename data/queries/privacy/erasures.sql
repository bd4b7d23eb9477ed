-- Erasures, the latest first: one row each.
select
    erasure_id::varchar as erasure_id,
    reason,
    state,
    asked_at,
    asked_by,
    done_at,
    certificate,
    error
from erasure
order by asked_at desc, erasure_id
limit 200
