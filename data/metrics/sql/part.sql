-- One row per employee of a chosen call: who talked, else who rang. An employee whose two phones rang has
-- one part; an extension that is nobody's stands for itself.
-- Who was alone in a call talked as long as the call; where there were several, their legs tell.
with alone as (
    select
        *,
        employees[1] as extension
    from chosen
    where len(employees) = 1
),
shared as (
    select
        call_id,
        pbx,
        started_at,
        unnest(employees) as extension
    from chosen
    where len(employees) > 1
),
share as (
    -- Click-to-call dials both ends: the employee has one leg as the called and one as the caller.
    select
        shared.call_id,
        coalesce(holder.employee, shared.extension) as employee,
        greatest(
            sum(leg.talk_s) filter (where leg.party = shared.extension),
            sum(leg.talk_s) filter (where leg.caller = shared.extension)
        ) as talk_s,
        greatest(
            sum(leg.hold_s) filter (where leg.party = shared.extension),
            sum(leg.hold_s) filter (where leg.caller = shared.extension)
        ) as hold_s
    from shared
    left join holder
        on holder.extension = shared.extension
        and holder.pbx_from <= shared.pbx
        and holder.pbx_to >= shared.pbx
        and holder.from_at <= shared.started_at
        and holder.until_at > shared.started_at
    left join leg
        on leg.call_id = shared.call_id
        and leg.role = 'party'
        and leg.talk_s > 0
        and leg.started_at >= $from_at
        and leg.started_at < $until_at + interval 2 day
    group by 1, 2
)
select
    alone.* exclude (extension),
    coalesce(holder.employee, alone.extension) as employee
from alone
left join holder
    on holder.extension = alone.extension
    and holder.pbx_from <= alone.pbx
    and holder.pbx_to >= alone.pbx
    and holder.from_at <= alone.started_at
    and holder.until_at > alone.started_at
union all by name
select
    call.* replace (coalesce(share.talk_s, 0) as talk_s, coalesce(share.hold_s, 0) as hold_s),
    share.employee
from share
inner join chosen as call on call.call_id = share.call_id
where len(call.employees) > 1
