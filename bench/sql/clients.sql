-- Fates and talk of the clients with most calls.
select
    owner.account_id::varchar as client,
    count(*) as calls,
    count(*) filter (where direction = 'inbound' and outcome = 'answered') as accepted,
    count(*) filter (where direction = 'inbound' and outcome = 'missed') as missed,
    count(*) filter (where outcome = 'reached') as successful,
    count(*) filter (where outcome = 'not_reached') as failed,
    sum(talk_s) as talk,
    avg(talk_s) filter (where outcome in ('answered', 'reached')) as mean_talk
from call
left join number_owner as owner
    on owner.number = call.external_number
    and owner.owns_from_at <= call.started_at
    and owner.owns_until_at > call.started_at
where started_at >= $from_at
    and started_at < $until_at
    and owner.account_id is not null
group by client
order by calls desc, client
limit 25
