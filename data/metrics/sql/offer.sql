-- One row per ring of one employee in a chosen call. "Answered elsewhere" and "caller gave up" are no misses
-- of the phone that rang.
select
    call.* replace (
        coalesce(leg.queue, call.queue) as queue,
        leg.talk_s as talk_s,
        leg.hold_s as hold_s
    ),
    coalesce(holder.employee, leg.party) as employee,
    leg.result as offer_result,
    leg.ring_s as ring_s
from leg
inner join chosen as call on call.call_id = leg.call_id
left join holder
    on holder.extension = leg.party
    and holder.pbx_from <= call.pbx
    and holder.pbx_to >= call.pbx
    and holder.from_at <= call.started_at
    and holder.until_at > call.started_at
where leg.started_at >= $from_at
    and leg.started_at < $until_at + interval 2 day
    and leg.ringing_at is not null
    and leg.role = 'party'
    and leg.party is distinct from call.external_number
    and leg.party is distinct from call.external_number_raw
    and (list_contains(call.rang, leg.party) or holder.extension is not null)
