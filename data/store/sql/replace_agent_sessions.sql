delete from agent_session
using incoming
where agent_session.pbx = incoming.pbx
    and agent_session.queue = incoming.queue
    and agent_session.party = incoming.party
    and agent_session.kind = incoming.kind
    and agent_session.started_at = incoming.started_at;
