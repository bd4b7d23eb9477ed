-- One row per answered inbound call with a known number, and when that number called in again.
-- is_finished: the seven days in which it could have, were over as of the moment asked for.
select
    call.*,
    call.started_at + to_seconds($repeat_s) <= $as_of as is_finished,
    coalesce(later.next_at <= call.started_at + to_seconds($repeat_s), false) as is_repeated
from chosen as call
left join (
    select
        inbound.call_id,
        lead(inbound.started_at) over (partition by inbound.external_number order by inbound.started_at, inbound.call_id)
            as next_at
    from call as inbound
    where inbound.direction = 'inbound'
        and inbound.external_number is not null
        and inbound.started_at >= $from_at
        and inbound.started_at < least($until_at + to_seconds($repeat_s), $as_of)
) as later on later.call_id = call.call_id
where call.is_answered
    and call.external_number is not null
