-- One row per call: the ground of every grain. The compiler adds the period and the filter.
select
    call.*,
    |is_answered| as is_answered,
    |is_missed| as is_missed,
    |is_abandoned| as is_abandoned,
    |is_in_time| as is_in_time,
    |is_short| as is_short
from call
