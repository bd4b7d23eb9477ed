-- Presence and pauses of agents that touch a period.
select
    pbx,
    queue,
    party,
    member_name,
    kind,
    reason,
    started_at,
    ended_at,
    events
from agent_session
where pbx = $pbx
    and started_at <= $until_at
    and coalesce(ended_at, $until_at) >= $from_at
