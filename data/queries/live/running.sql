-- One row per call that is going on, newest first, with the titles of its queue and line.
select
    running.call_id,
    running.pbx,
    running.direction,
    running.state,
    running.state_since_at,
    running.external_number,
    running.caller_name,
    running.called_number,
    running.queue,
    coalesce(queue.title, running.queue) as queue_title,
    running.line,
    coalesce(line.title, running.line) as line_title,
    running.did,
    running.ringing,
    running.talking,
    running.started_at,
    running.answered_at,
    running.caller
from live.live_call as running
left join queue
    on queue.queue = running.queue
    and coalesce(queue.pbx, running.pbx) = running.pbx
left join line
    on line.line = running.line
    and coalesce(line.pbx, running.pbx) = running.pbx
order by running.started_at desc
