-- Inbound calls by the name of the office number that was called.
select
    coalesce(channel.title, call.did) as channel,
    count(*) filter (where direction = 'inbound') as inbound,
    count(*) filter (where direction = 'inbound' and outcome = 'answered') as accepted,
    count(*) filter (where direction = 'inbound' and outcome = 'missed') as missed,
    count(*) filter (where direction = 'inbound' and outcome = 'missed')
    / nullif(count(*) filter (where direction = 'inbound'), 0) as missed_share
from call
left join acquisition_channel as channel on channel.did = call.did
where started_at >= $from_at
    and started_at < $until_at
group by 1
order by 1
