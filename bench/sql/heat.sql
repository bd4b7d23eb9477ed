-- Calls with the outside by weekday and hour: the heat map.
select
    extract(isodow from started_at at time zone 'UTC' + interval '3 hour') as weekday,
    extract(hour from started_at at time zone 'UTC' + interval '3 hour') as hour,
    count(*) filter (where direction <> 'internal') as external
from call
where started_at >= $from_at
    and started_at < $until_at
group by weekday, hour
order by weekday, hour
