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
    answered_at timestamptz,
    caller varchar                         -- the extension that calls; null: the caller is outside
);

-- One row per employee who is logged in to a queue (columns of model.LiveMember).
create table live.live_member (
    pbx varchar not null,
    queue varchar not null,
    interface varchar not null,
    party varchar not null,
    name varchar,
    is_dynamic boolean not null,
    state varchar not null,                -- free, ringing, busy, out, unknown
    state_since_at timestamptz not null,
    is_paused boolean not null,
    pause_reason varchar,
    paused_at timestamptz,
    logged_in_at timestamptz,
    calls_taken integer not null
);

-- One row per phone of the office (columns of model.LivePhone).
create table live.live_phone (
    pbx varchar not null,
    extension varchar not null,
    device varchar not null,
    state varchar not null,
    state_since_at timestamptz not null
);

-- One row per PBX whose live rows stand: without it, or when it is old, nobody knows what goes on there.
create table live.live_link (
    pbx varchar not null,
    state varchar not null,                -- up, lost, behind
    heard_ago_s double not null,           -- since the PBX said anything, when this was told
    lacks varchar[] not null default [],   -- rights that the settings need and our user of the PBX has not
    told_at timestamptz not null default get_current_timestamp()
);

-- One row per number that a process tells of itself, and PBX where it is one's. In memory, replaced every few seconds.
create table live.vital (
    process varchar not null,
    pbx varchar,
    name varchar not null,
    value double not null,
    told_at timestamptz not null
);
