-- One row: how much is stored, what goes on, and whether somebody listens. Moments are seconds since 1970.
select
    (select count(*) from call) as calls,
    (select count(*) from live.live_call) as running,
    (select count(*) from gap) as gaps,
    (select count(*) from gap where ended_at is null) as open_gaps,
    (select epoch(max(ended_at)) from call) as last_ended
