-- A gap that is known keeps what was done about it.
update gap
set
    ended_at = incoming.ended_at,
    cause = incoming.cause,
    events = incoming.events
from incoming
where gap.pbx = incoming.pbx
    and gap.started_at = incoming.started_at;
