-- The calls of the stale numbers in which something derived is not as it should be.
-- Grain: one row per such call.
create or replace temp table correction as
with told as (
    select
        rowid as row,
        call_id,
        external_number as number,
        started_at,
        first_of_number,
        contact_after_at,
        direction = 'inbound' and outcome = 'missed' as is_missed,
        case
            when outcome in ('answered', 'reached') then coalesce(answered_at, started_at)
        end as talked_at
    from call
    where external_number in (select number from stale)
),

first_call as (
    select
        number,
        min_by(row, (started_at, call_id)) as row
    from told
    group by number
),

talk as (
    select number, talked_at
    from told
    where talked_at is not null
),

next_talk as (
    select missed.row, talk.talked_at
    from told as missed
    asof join talk
        on missed.number = talk.number
        and missed.started_at < talk.talked_at
    where missed.is_missed
)

select
    told.row,
    first_call.row is not null as first_of_number,
    next_talk.talked_at as contact_after_at
from told
left join first_call using (row)
left join next_talk using (row)
where told.first_of_number is distinct from (first_call.row is not null)
    or told.contact_after_at is distinct from next_talk.talked_at;
