-- How many recordings are in each state, and the bytes of their files: one row per state.
select
    state,
    count(*) as recordings,
    coalesce(sum(bytes), 0)::bigint as bytes
from recording
group by state
order by state
