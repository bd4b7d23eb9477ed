-- Rows: a JSON list of numbers; those that are not listed yet are.
insert into number (number, raw, number_class, country, region, rule_version)
with told as materialized (
    select unnest(
        from_json(
            $rows,
            '[{"number": "VARCHAR", "raw": "VARCHAR", "number_class": "VARCHAR", "country": "VARCHAR",
               "region": "VARCHAR", "rule_version": "INTEGER"}]'
        ),
        recursive := true
    )
),

listed as (
    select number
    from number
    where number in (select number from told)
)

select
    number,
    raw,
    number_class,
    country,
    region,
    rule_version
from told
where number not in (select number from listed)
