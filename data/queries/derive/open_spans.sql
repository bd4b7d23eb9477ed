-- When the misses lie that waited for a conversation and get one now: from the earliest open one to the
-- last call of the number before its fresh ones, mostly minutes. One row per such number.
select
    open_since_at as missed_from,
    last_call_at as missed_until
from touched
where open_since_at < fresh_contact_at
