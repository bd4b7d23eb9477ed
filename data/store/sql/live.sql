-- One row per call that is going on (columns of model.LiveCall). In memory: after a restart of the
-- store, ingest sends them again.
create table live.live_call (
    call_id varchar not null,
    pbx varchar not null,
    direction varchar not null,
    state varchar not null,                -- ringing, queued, ivr, talking, held, parked, voicemail
    state_since_at timestamptz not null,
    external_number varchar,
    caller_name varchar,
    called_number varchar,
    did varchar,
    line varchar,
    queue varchar,
    ringing varchar[] not null,            -- extensions that ring now
    talking varchar[] not null,            -- extensions that talk now
    started_at timestamptz not null,
    answered_at timestamptz
);

-- One row per number that a process tells of itself, and PBX where it is one's. In memory, replaced every few seconds.
create table live.vital (
    process varchar not null,
    pbx varchar,
    name varchar not null,
    value double not null,
    told_at timestamptz not null
);
