-- One row per try of the store to copy itself: the last one tells whether the next morning is safe.
create table backup (
    made_at timestamptz not null,
    file varchar,                          -- null: it failed
    bytes bigint,
    took_s double,
    error varchar                          -- why it failed; null: made, opened again and counted
);
