-- What the rules say of these numbers now; lists side by side. Rows that say it already are not among them.
update number
set
    number_class = fresh.number_class,
    country = fresh.country,
    region = fresh.region,
    operator = fresh.operator,
    rule_version = $rule_version
from (
    select
        unnest($numbers::varchar[]) as number,
        unnest($classes::varchar[]) as number_class,
        unnest($countries::varchar[]) as country,
        unnest($regions::varchar[]) as region,
        unnest($operators::varchar[]) as operator
) as fresh
where number.number = fresh.number
