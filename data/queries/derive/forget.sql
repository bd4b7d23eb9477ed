-- The calls that are about to be deleted, in the form of `fresh`.
insert into forgotten
select
    call_id,
    external_number as number,
    external_number_raw as raw,
    started_at,
    case
        when outcome in ('answered', 'reached') then coalesce(answered_at, started_at)
    end as talked_at,
    direction = 'inbound' and outcome = 'missed' as is_missed
from call
where call_id in (select unnest($call_ids))
    and external_number is not null;
