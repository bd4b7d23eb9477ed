-- One row per employee of a chosen call: who talked, else who rang. An employee whose two phones rang has
-- one part; an extension that is nobody's stands for itself.
select
    call.* replace (coalesce(share.talk_s, 0) as talk_s, coalesce(share.hold_s, 0) as hold_s),
    part.employee
from (
    select distinct
        seat.call_id,
        coalesce(extension.employee_id::varchar, seat.extension) as employee
    from (
        select call_id, pbx, started_at, unnest(employees) as extension
        from chosen
    ) as seat
    left join extension
        on extension.extension = seat.extension
        and (extension.pbx is null or extension.pbx = seat.pbx)
        and extension.from_at <= seat.started_at
        and (extension.until_at is null or extension.until_at > seat.started_at)
) as part
inner join chosen as call on call.call_id = part.call_id
left join (
    -- Click-to-call dials both ends: the employee has one leg as the called and one as the caller.
    select
        side.call_id,
        coalesce(extension.employee_id::varchar, side.extension) as employee,
        greatest(sum(side.talk_s) filter (where side.was_called), sum(side.talk_s) filter (where not side.was_called))
            as talk_s,
        greatest(sum(side.hold_s) filter (where side.was_called), sum(side.hold_s) filter (where not side.was_called))
            as hold_s
    from (
        select call_id, started_at, party as extension, true as was_called, talk_s, hold_s
        from leg
        where role = 'party' and started_at >= $from_at and started_at < $until_at + interval 2 day
        union all
        select call_id, started_at, caller as extension, false as was_called, talk_s, hold_s
        from leg
        where role = 'party' and started_at >= $from_at and started_at < $until_at + interval 2 day
    ) as side
    inner join chosen as call on call.call_id = side.call_id
    left join extension
        on extension.extension = side.extension
        and (extension.pbx is null or extension.pbx = call.pbx)
        and extension.from_at <= call.started_at
        and (extension.until_at is null or extension.until_at > call.started_at)
    where side.talk_s > 0
    group by all
) as share on share.call_id = part.call_id and share.employee = part.employee
