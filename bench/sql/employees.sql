-- Fates and talk by employee; who talked, else who rang.
with seat as (
    select call_id, pbx, started_at, direction, outcome, unnest(employees) as extension
    from call
    where started_at >= $from_at and started_at < $until_at
),
part as (
    select distinct
        seat.call_id, seat.direction, seat.outcome, seat.extension,
        coalesce(extension.employee_id::varchar, seat.extension) as employee
    from seat
    left join extension
        on extension.extension = seat.extension
        and extension.from_at <= seat.started_at
        and coalesce(extension.until_at, timestamptz 'infinity') > seat.started_at
),
talk as (
    select call_id, extension, max(talk_s) as talk_s
    from (
        select call_id, party as extension, sum(talk_s) as talk_s
        from leg where started_at >= $from_at and started_at < $until_at and role = 'party' and talk_s > 0 group by all
        union all
        select call_id, caller, sum(talk_s)
        from leg where started_at >= $from_at and started_at < $until_at and role = 'party' and talk_s > 0 group by all
    )
    group by all
)
select
    part.employee,
    count(*) filter (where part.direction = 'inbound' and part.outcome = 'answered'),
    count(*) filter (where part.direction = 'inbound' and part.outcome = 'missed'),
    count(*) filter (where part.outcome = 'reached'),
    count(*) filter (where part.outcome = 'not_reached'),
    sum(talk.talk_s)
from part
left join talk on talk.call_id = part.call_id and talk.extension = part.extension
group by part.employee
order by part.employee
