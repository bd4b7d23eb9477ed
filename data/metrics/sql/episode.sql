-- One row per recovery episode whose first miss is a chosen call.
-- recovery: called_back, caller_returned, attempted (we tried and did not reach), none. It is over at
-- recovered_at; waited_s runs from the first miss to it, else to the moment asked for.
select
    call.*,
    run.misses,
    run.recovered_at,
    run.attempts,
    case
        when run.talk_direction = 'outbound' then 'called_back'
        when run.recovered_at is not null then 'caller_returned'
        when run.attempts > 0 then 'attempted'
        else 'none'
    end as recovery,
    epoch(coalesce(run.recovered_at, $as_of)) - epoch(run.missed_at) as waited_s,
    coalesce(holder.employee, run.talk_extension) as employee
from episode_run as run
inner join chosen as call on call.call_id = run.call_id and call.is_missed
left join holder
    on holder.extension = run.talk_extension
    and holder.pbx_from <= run.talk_pbx
    and holder.pbx_to >= run.talk_pbx
    and holder.from_at <= run.recovered_at
    and holder.until_at > run.recovered_at
