-- His numbers with what stands in their place.
create or replace temp table erased_number as
select
    unnest($numbers::varchar[]) as number,
    unnest($pseudonyms::varchar[]) as pseudonym
