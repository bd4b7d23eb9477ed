-- When the oldest event was received: one row, null while there are none.
select min(received_at) as oldest_at
from ami_event
