create temp table if not exists forgotten (
    call_id varchar,
    number varchar,
    raw varchar,
    started_at timestamptz,
    talked_at timestamptz,
    is_missed boolean
);
