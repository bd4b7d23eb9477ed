-- Conversations that may be the next one of a miss. Grain: one row per conversation.
create or replace temp table talk as
select number, talked_at
from fresh
where talked_at is not null
union
select external_number, coalesce(answered_at, started_at)
from call
where ended_at > $ended_after
    and outcome in ('answered', 'reached')
    and external_number in (select number from touched);
