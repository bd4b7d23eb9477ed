-- First calls of numbers that were nobody's, and what became of them, by day.
with lead_call as (
    select
        (call.started_at at time zone 'UTC' + interval '3 hour')::date as day,
        owner.account_id is not null as is_registered,
        call.outcome = 'missed'
        and (call.started_at at time zone 'UTC' + interval '3 hour')::date
        < (least(call.contact_after_at, $as_of) at time zone 'UTC' + interval '3 hour')::date as is_lost
    from call
    left join number_owner as owner
        on owner.number = call.external_number
        and owner.owns_from_at <= call.started_at
        and owner.owns_until_at > call.started_at
    where call.started_at >= $from_at
        and call.started_at < $until_at
        and call.direction = 'inbound'
        and call.first_of_number
        and not coalesce(owner.from_at <= call.started_at, false)
)
select
    day,
    count(*) as leads,
    count(*) filter (where is_registered) as leads_registered,
    count(*) filter (where not is_registered and not is_lost) as leads_unregistered,
    count(*) filter (where not is_registered and is_lost) as leads_lost
from lead_call
group by day
order by day
