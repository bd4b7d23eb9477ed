-- When the next message that waits for its time may go.
select min(next_attempt_at) as next_at
from outbox
where kind in ('message', 'revision')
    and state = 'queued'
    and next_attempt_at > $now
