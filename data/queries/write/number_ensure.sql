-- A number that a person typed is listed like those that called.
insert into number (number, raw, number_class, country, region, rule_version, operator)
select
    typed.number,
    $raw,
    $number_class,
    $country,
    coalesce(plan.region, $region),
    $rule_version,
    plan.operator
from (select $number as number) as typed
left join numbering_range as plan
    on plan.code = left(typed.number, 4)
    and typed.number between plan.from_number and plan.to_number
    and length(typed.number) = length(plan.from_number)
    and $country = 'RU'
    and $number_class in ('mobile', 'landline', 'mobile_or_landline')
where not exists (
    from number
    where number.number = typed.number
)
