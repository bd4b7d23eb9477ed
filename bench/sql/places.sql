-- Where the outside numbers are.
select
    case
        when call.external_number is null then 'unknown'
        when number.number_class = 'toll_free' then 'toll_free'
        when number.country is not null and number.country <> 'RU' then 'country:' || number.country
        when number.region is not null then number.region
        when number.number_class in ('mobile', 'mobile_or_landline') then 'mobile'
        else 'unknown'
    end as place,
    count(*) as calls,
    count(*) filter (where call.direction = 'inbound') as inbound,
    count(*) filter (where call.direction = 'outbound') as outbound
from call
left join number on number.number = call.external_number
where call.started_at >= $from_at
    and call.started_at < $until_at
group by 1
order by 1
