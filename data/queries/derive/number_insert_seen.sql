-- Numbers seen for the first time, with what their calls and the numbering plan say of them. They are
-- few: the ranges of their codes are looked through.
insert into number by name
select
    new_number.* replace (coalesce(plan.region, new_number.region) as region),
    plan.operator,
    seen.first_id as first_call_id,
    seen.first_at as first_call_at,
    seen.last_at as last_call_at,
    seen.contact_at as last_contact_at,
    seen.open_since_at
from new_number
inner join seen using (number)
left join numbering_range as plan
    on plan.code = left(new_number.number, 4)
    and new_number.number between plan.from_number and plan.to_number
    and length(new_number.number) = length(plan.from_number)
    and new_number.country = 'RU'
    and new_number.number_class in ('mobile', 'landline', 'mobile_or_landline');
