-- Answered calls whose number called in again within seven days, by day.
with inbound as (
    select
        started_at,
        outcome,
        lead(started_at) over (partition by external_number order by started_at) as next_at
    from call
    where started_at >= $from_at
        and started_at < $until_at + interval '7 day'
        and direction = 'inbound'
        and external_number is not null
),
followed as (
    select
        (started_at at time zone 'UTC' + interval '3 hour')::date as day,
        started_at + interval '7 day' <= $as_of as is_finished,
        coalesce(next_at <= started_at + interval '7 day', false) as is_repeated
    from inbound
    where outcome = 'answered'
        and started_at < $until_at
)
select
    day,
    count(*) filter (where is_finished) as repeat_base,
    count(*) filter (where is_finished and is_repeated) as repeated,
    count(*) filter (where not is_finished) as repeat_unfinished,
    count(*) filter (where is_finished and not is_repeated) / nullif(count(*) filter (where is_finished), 0)
        as first_contact_share
from followed
group by day
order by day
