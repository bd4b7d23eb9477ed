-- How long things are kept, what is kept on purpose, and the certificates of erasures.

-- One row per class of data for which a person decided how long it is kept; none: as long as there is room.
create table retention_rule (
    class varchar not null,                -- recording, call, event, chat, audit
    days integer not null,
    changed_at timestamptz not null,
    changed_by varchar not null
);

-- One row per thing that neither retention nor an erasure may touch, since when, and why.
create table legal_hold (
    hold_id uuid not null,
    subject_kind varchar not null,         -- number, account, call
    subject_id varchar not null,
    reason varchar not null,
    placed_at timestamptz not null,
    placed_by varchar not null,
    lifted_at timestamptz,                 -- null: it holds
    lifted_by varchar
);

-- One row per person that was, or is to be, erased.
create table erasure (
    erasure_id uuid not null,
    reason varchar not null,               -- letter, day … as the office files it
    subject varchar,                       -- JSON: whose data; null once they are erased
    state varchar not null default 'asked', -- asked, rewriting, done, failed
    asked_at timestamptz not null,
    asked_by varchar not null,
    done_at timestamptz,
    certificate varchar,                   -- JSON: what was erased, what stays and why
    error varchar
);
