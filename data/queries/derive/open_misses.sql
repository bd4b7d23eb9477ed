-- The earliest open miss of numbers whose former one has got its next conversation.
-- Grain: one row per number that has such a miss.
create or replace temp table open_miss as
select
    missed.external_number as number,
    min(missed.started_at) as open_since_at
from call as missed
inner join touched on touched.number = missed.external_number
where missed.started_at >= $open_from
    and missed.started_at >= touched.contact_at
    and missed.direction = 'inbound'
    and missed.outcome = 'missed'
group by missed.external_number;
