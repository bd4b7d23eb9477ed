-- Rows: a JSON list of numbers; those that are not listed yet are.
insert into number (number, raw, number_class, country, region, rule_version)
select told.number, told.raw, told.number_class, told.country, told.region, told.rule_version
from (
    select unnest(
        from_json(
            $rows,
            '[{"number": "VARCHAR", "raw": "VARCHAR", "number_class": "VARCHAR", "country": "VARCHAR",
               "region": "VARCHAR", "rule_version": "INTEGER"}]'
        )
    ) as told
)
where told.number not in (select number from number)
