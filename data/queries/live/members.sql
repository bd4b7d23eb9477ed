-- One row per employee who is logged in to a queue now, by queue.
select
    member.pbx,
    member.queue,
    coalesce(queue.title, member.queue) as queue_title,
    member.interface,
    member.party as extension,
    member.name,
    member.is_dynamic,
    member.state,
    member.state_since_at,
    member.is_paused,
    member.pause_reason,
    member.paused_at
from live.live_member as member
left join queue
    on queue.queue = member.queue
    and coalesce(queue.pbx, member.pbx) = member.pbx
order by
    member.queue,
    member.party
