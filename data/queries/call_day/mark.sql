-- These stretches of days are in call_day now.
insert into call_day_built by name
select
    unnest($from_on)::date as from_on,
    unnest($to_on)::date as to_on,
    $made_by as made_by,
    now() as built_at;
