-- Between which moments there are calls at all: one row, both null while there are none.
select
    min(started_at) as first_at,
    max(started_at) as last_at
from call
