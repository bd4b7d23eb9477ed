-- A number that a person typed is listed like those that called.
insert into number (number, raw, number_class, country, region, rule_version)
select $number, $raw, $number_class, $country, $region, $rule_version
where not exists (
    from number
    where number.number = $number
)
