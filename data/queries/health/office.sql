-- One row: what the store holds that tells how the product does. Moments are instants, times seconds.
select
    (select count(*) from call) as calls,
    (select count(*) from live.live_call) as running,
    (select epoch(max(ended_at)) from call) as last_ended,
    (select count(*) from gap) as gaps,
    (select count(*) from gap where ended_at is null) as open_gaps,
    (select max(version) from schema_version) as schema_version,
    (
        select count(*) from recording
        where state = 'missing' and started_at >= $week_at
    ) as recordings_missing,
    (
        select count(*) from outbox
        where state = 'queued' and created_at < $stuck_at
    ) as outbox_stuck,
    (
        select count(*) from outbox
        where state = 'failed' and changed_at >= $day_at
    ) as outbox_failed
