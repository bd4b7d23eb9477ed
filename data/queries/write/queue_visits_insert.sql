insert into queue_visit (
    call_id, position, queue, entered_at, left_at, wait_s, place_at_entry, result, answered_by, events
)
select
    row.call_id,
    row.position,
    row.queue,
    row.entered_at,
    row.left_at,
    row.wait_s,
    row.place_at_entry,
    row.result,
    row.answered_by,
    row.events
from (
    select unnest(
        $rows::struct(
            call_id varchar,
            position integer,
            queue varchar,
            entered_at timestamptz,
            left_at timestamptz,
            wait_s double,
            place_at_entry integer,
            result varchar,
            answered_by varchar,
            events bigint[]
        )[]
    ) as row
)
