-- How far back the older calls of the touched numbers must be looked at; null: not at all.
-- fresh_from: the earliest of the calls just written.
-- closed_after: misses whose next conversation came later than one that arrived only now.
-- ended_after: conversations that were known before an earlier miss arrived.
-- first_from: first calls before which an earlier one arrived.
-- open_from: misses of which the earliest open one is to be found, the former having got its next.
select
    min(fresh_from) as fresh_from,
    min(fresh_talk_at) filter (where last_contact_at > fresh_talk_at) as closed_after,
    min(fresh_missed_at) filter (where last_contact_at > fresh_missed_at) as ended_after,
    min(first_call_at) filter (where first_id != first_call_id) as first_from,
    min(contact_at) filter (where open_since_at < contact_at) as open_from
from touched;
