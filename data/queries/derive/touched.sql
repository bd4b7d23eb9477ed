-- What was known of each number before its fresh calls, and what they bring.
-- Grain: one row per number that is not derived anew.
create or replace temp table touched as
select
    fresh.number,
    any_value(known.row) as row,
    min(fresh.started_at) as fresh_from,
    any_value(known.first_call_id) as first_call_id,
    any_value(known.first_call_at) as first_call_at,
    any_value(known.last_call_at) as last_call_at,
    any_value(known.open_since_at) as open_since_at,
    any_value(known.last_contact_at) as last_contact_at,
    min(fresh.talked_at) as fresh_talk_at,
    max(fresh.talked_at) as fresh_contact_at,
    min(fresh.started_at) filter (where fresh.is_missed) as fresh_missed_at,
    case
        when any_value(known.first_call_at) < min(fresh.started_at)
            or (
                any_value(known.first_call_at) = min(fresh.started_at)
                and any_value(known.first_call_id) < min_by(fresh.call_id, (fresh.started_at, fresh.call_id))
            )
            then any_value(known.first_call_id)
        else min_by(fresh.call_id, (fresh.started_at, fresh.call_id))
    end as first_id,
    least(any_value(known.first_call_at), min(fresh.started_at)) as first_at,
    greatest(any_value(known.last_call_at), max(fresh.started_at)) as last_at,
    greatest(any_value(known.last_contact_at), max(fresh.talked_at)) as contact_at
from fresh
left join known using (number)
anti join stale using (number)
group by fresh.number;
