-- A batch of known numbers in their order, with what the numbering plan says of each. One row per number.
with batch as (
    select
        number,
        raw,
        number_class,
        country,
        region,
        operator,
        rule_version
    from number
    where number > $after
    order by number
    limit $limit
)

select
    batch.*,
    plan.from_number is not null as is_planned,
    plan.region as plan_region,
    plan.operator as plan_operator
from batch
left join numbering_range as plan
    on plan.code = left(batch.number, 4)
    and batch.number between plan.from_number and plan.to_number
    and length(batch.number) = length(plan.from_number)
order by batch.number
