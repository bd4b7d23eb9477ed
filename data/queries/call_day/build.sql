-- The calls of some local days, summed up: one row per day and combination of the first nine columns.
insert into call_day by name
select
    (|local_at|)::date as day,
    call.direction,
    call.outcome,
    call.reason,
    call.queue,
    number.number_class,
    |is_abandoned| as is_abandoned,
    |is_in_time| as is_in_time,
    |is_short| as is_short,
    count(*)::integer as calls,
    sum(call.talk_s) as talk_s,
    sum(call.hold_s) as hold_s,
    sum(call.wait_s) as wait_s,
    count(call.wait_s)::integer as waits
from call
left join number on number.number = call.external_number
where call.started_at >= $from_at
    and call.started_at < $until_at
group by all
order by day;
