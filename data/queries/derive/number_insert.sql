-- Numbers seen for the first time, before anything is derived of them. What the numbering plan knows
-- of a range is more than its code tells: there may be very many, so both sides are walked in order.
insert into number by name
with described as (
    select
        new_number.*,
        coalesce(
            new_number.number <= plan.to_number
            and new_number.country = 'RU'
            and new_number.number_class in ('mobile', 'landline', 'mobile_or_landline'),
            false
        ) as is_planned,
        plan.region as plan_region,
        plan.operator as plan_operator
    from new_number
    asof left join numbering_range as plan
        on plan.code = left(new_number.number, 4)
        and plan.from_number <= new_number.number
)

select
    * exclude (is_planned, plan_region, plan_operator) replace (
        case when is_planned then coalesce(plan_region, region) else region end as region
    ),
    case when is_planned then plan_operator end as operator
from described;
