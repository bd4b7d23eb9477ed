-- Erasures that wait to be carried out: one row each, the oldest first.
select
    erasure_id::varchar as erasure_id,
    subject,
    asked_by
from erasure
where state = 'asked'
    and subject is not null
order by asked_at
