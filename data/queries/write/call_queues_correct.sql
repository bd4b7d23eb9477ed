-- What the queue's own log knows better of a call that is stored.
update call
set
    answered_at = row.answered_at,
    talk_s = row.talk_s,
    wait_s = row.wait_s,
    reason = row.reason,
    queues = row.queues,
    queue = row.queues[1]
from (
    select unnest(
        $rows::struct(
            call_id varchar,
            answered_at timestamptz,
            talk_s double,
            wait_s double,
            reason varchar,
            queues varchar[]
        )[]
    ) as row
)
where call.call_id = row.call_id
    and call.started_at >= $from_at
    and call.started_at < $until_at
