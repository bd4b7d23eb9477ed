-- Whose phones take part in what now, and what of it its user would see: one row per call and extension, and per
-- employee logged in to a queue. Who else rings is left out: in a group of twenty each would be told twenty times.
with party as (
    select
        *,
        unnest(list_distinct(ringing || talking || [coalesce(caller, '')])) as extension
    from live.live_call
)

select
    extension,
    concat_ws(' ', call_id, state, list_contains(ringing, extension), talking, queue, external_number) as what
from party
where extension != ''
union all
select
    party as extension,
    concat_ws(' ', pbx, queue, is_paused, pause_reason) as what
from live.live_member
