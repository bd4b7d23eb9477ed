-- Rings of employees' phones.
select
    coalesce(extension.employee_id::varchar, leg.party) as employee,
    count(*) as offers,
    count(*) filter (where leg.result = 'answered') as offers_answered,
    count(*) filter (where leg.result in ('no_answer', 'busy', 'rejected')) as offers_missed
from leg
inner join call on call.call_id = leg.call_id
left join extension
    on extension.extension = leg.party
    and extension.from_at <= call.started_at
    and coalesce(extension.until_at, timestamptz 'infinity') > call.started_at
where call.started_at >= $from_at
    and call.started_at < $until_at
    and leg.started_at >= $from_at
    and leg.started_at < $until_at + interval '2 day'
    and leg.ringing_at is not null
    and leg.role = 'party'
    and leg.party is distinct from call.external_number
    and leg.party is distinct from call.external_number_raw
    and (list_contains(call.rang, leg.party) or extension.extension is not null)
group by 1
order by 1
