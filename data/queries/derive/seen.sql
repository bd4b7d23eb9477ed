-- What is known of the touched numbers with their fresh calls; a miss is open as long as no conversation
-- followed. Grain: one row per number.
create or replace temp table seen as
select
    touched.number,
    any_value(touched.row) as row,
    any_value(touched.first_id) as first_id,
    any_value(touched.first_at) as first_at,
    any_value(touched.last_at) as last_at,
    any_value(touched.contact_at) as contact_at,
    least(
        any_value(touched.open_since_at) filter (
            where touched.contact_at is null or touched.open_since_at >= touched.contact_at
        ),
        any_value(open_miss.open_since_at),
        min(fresh.started_at) filter (
            where fresh.is_missed and (touched.contact_at is null or fresh.started_at >= touched.contact_at)
        )
    ) as open_since_at
from touched
inner join fresh using (number)
left join open_miss using (number)
group by touched.number;
