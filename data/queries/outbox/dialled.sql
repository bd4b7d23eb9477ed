-- A call that somebody asked for, with what is known of it by now: one row, none where it is not his.
select
    outbox.payload,
    outbox.state,
    outbox.error,
    outbox.created_at,
    (
        select any_value(running.answered_at is not null and running.state in ('talking', 'held'))
        from live.live_call as running
        where running.pbx = outbox.target
            and running.external_number = json_extract_string(outbox.payload, '$.number')
            and list_contains(running.talking, json_extract_string(outbox.payload, '$.extension'))
    ) as is_talking,
    ended.call_id,
    ended.outcome,
    ended.talk_s
from outbox
left join call as ended
    on ended.started_at >= outbox.created_at - interval 1 minute
    and ended.pbx = outbox.target
    and list_contains(ended.channels, json_extract_string(outbox.payload, '$.channel'))
where outbox.outbox_id = $outbox_id::uuid
    and outbox.kind = 'originate'
    and outbox.created_by = $user
