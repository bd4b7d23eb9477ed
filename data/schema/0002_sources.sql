-- Calls in the words of several sources: what they say differently.

-- One row per field of a call that another source tells differently, or per call that only one side knows.
create table source_difference (
    pbx varchar not null,
    call_id varchar not null,
    source varchar not null,               -- who contradicts what is stored: cdr, cel, queue_log …
    kind varchar not null,                 -- differs, only_ours, only_theirs
    field varchar,                         -- the column of call; null: the whole call
    ours varchar,                          -- as stored
    theirs varchar,
    rule varchar,                          -- why that is so; null: nobody knows
    started_at timestamptz not null,       -- of the call
    noted_at timestamptz not null
);
