-- The first schema: calls as the PBX made them, and what people add to them.
--
-- Times are timestamptz (UTC inside), columns named _s are seconds, numbers are digits of E.164
-- without "+", extensions as dialled. No primary keys and no indexes: rows are appended in the
-- order of time and found by zone maps; the single writer keeps ids unique (docs/data.md).

-- ------------------------------------------------------------------ facts: written by ingest only

-- One row per customer call (grain of every call metric).
create table call (
    call_id varchar not null,              -- <pbx>-<uniqueid of the first channel>
    pbx varchar not null,
    direction varchar not null,            -- inbound, outbound, internal
    outcome varchar not null,              -- answered, missed, reached, not_reached, unanswered
    reason varchar,                        -- why there was no conversation
    external_number varchar,               -- normal form; null: hidden or internal
    external_number_raw varchar,           -- as the PBX gave it
    did varchar,                           -- normal form of the office number that was called
    line varchar,                          -- trunk
    caller_number varchar,                 -- as shown by the PBX
    caller_name varchar,
    called_number varchar,                 -- as dialled
    answered_by varchar[] not null,        -- numbers in the order in which they talked
    rang varchar[] not null,
    employees varchar[] not null,          -- extensions that talked; if nobody did, that rang
    application varchar,                   -- who had the call when nobody rang
    queues varchar[] not null,
    queue varchar,                         -- the first queue
    ring_group varchar,
    started_at timestamptz not null,
    answered_at timestamptz,
    ended_at timestamptz not null,
    wait_s double,
    talk_s double not null,
    hold_s double not null,
    duration_s double not null,
    dial_status varchar,                   -- as Asterisk said it
    hangup_cause integer,
    transfer_count integer not null,
    recording_count integer not null,
    incomplete boolean not null,           -- events were lost
    conference varchar,
    channels varchar[] not null,
    rule_version integer not null,
    source varchar not null,               -- ami, cel, cdr, mikopbx, simulator …
    events bigint[] not null,              -- positions in the journal of the PBX
    first_of_number boolean,               -- first call ever of this outside number; null: no number
    contact_after_at timestamptz           -- of a missed call: next conversation with the number, either way
);

-- One row per dial attempt to one party.
create table leg (
    call_id varchar not null,
    position integer not null,
    role varchar not null,                 -- party, consultation, observer
    channel varchar,
    caller varchar,
    party varchar,                         -- extension, else outside number
    device varchar,
    queue varchar,                         -- queue or ring group that offered the call
    result varchar not null,
    dial_status varchar,
    hangup_cause integer,
    started_at timestamptz not null,
    ringing_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz not null,
    ring_s double not null,
    talk_s double not null,
    hold_s double not null,
    events bigint[] not null
);

-- One row per ring of one employee: a leg seen from the employee's side.
create view offer as
select
    call_id,
    position,
    party as extension,
    queue,
    result,
    ringing_at,
    answered_at,
    ended_at,
    ring_s,
    talk_s,
    hold_s
from leg
where ringing_at is not null
    and role = 'party';

-- One row per stay of one caller in one queue.
create table queue_visit (
    call_id varchar not null,
    position integer not null,
    queue varchar not null,
    entered_at timestamptz not null,
    left_at timestamptz not null,
    wait_s double not null,
    place_at_entry integer,
    result varchar not null,               -- answered, abandoned, timeout, key, empty, transferred, lost
    answered_by varchar,
    events bigint[] not null
);

-- One row per hand-over, parking, forwarding or pickup.
create table transfer (
    call_id varchar not null,
    position integer not null,
    kind varchar not null,
    from_party varchar,
    to_party varchar,
    completed boolean not null,
    transferred_at timestamptz not null,
    events bigint[] not null
);

-- One row per stretch of a call on the lane of one party (talk, hold, park, IVR …).
create table call_interval (
    call_id varchar not null,
    position integer not null,
    kind varchar not null,
    party varchar,
    other varchar,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    events bigint[] not null
);

-- One row per recorded file.
create table recording (
    recording_id varchar not null,         -- <call_id>.<position>
    call_id varchar not null,
    position integer not null,
    file varchar not null,                 -- as the PBX named it
    party varchar,
    heard varchar[] not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    events bigint[] not null,
    state varchar not null default 'expected', -- expected, present, missing, deleted
    path varchar,                          -- below one of our roots, once found
    bytes bigint,
    sound_s double,
    channel_count integer,
    codec varchar,
    peaks blob                             -- waveform: unsigned bytes, sides one after the other
);

-- One row per id that a merge gave up.
create table call_alias (
    alias varchar not null,
    call_id varchar not null
);

-- One row per event that a fact rests on; everything else is read from the journal.
create table ami_event (
    pbx varchar not null,
    sequence bigint not null,              -- position in the journal of the PBX
    call_id varchar,
    received_at timestamptz not null,
    event_at timestamptz,
    name varchar not null,
    channels varchar[] not null,           -- unique ids
    fields map(varchar, varchar) not null
);

-- One row per time when nobody listened to a PBX.
create table gap (
    pbx varchar not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    cause varchar not null,
    filled boolean not null default false,
    events bigint[] not null
);

-- One row per stretch of an agent's presence or pause in a queue.
create table agent_session (
    pbx varchar not null,
    queue varchar not null,
    party varchar not null,
    member_name varchar,
    kind varchar not null,                 -- login, pause
    reason varchar,
    started_at timestamptz not null,
    ended_at timestamptz,
    events bigint[] not null
);

-- One row per distinct outside number ever seen.
create table number (
    number varchar not null,               -- normal form
    raw varchar not null,                  -- as first seen
    number_class varchar not null,
    country varchar,                       -- ISO 3166-1 alpha-2
    region varchar,                        -- ISO 3166-2, or the name that the rules give
    rule_version integer not null,
    first_call_id varchar,
    first_call_at timestamptz,
    last_call_at timestamptz,
    last_contact_at timestamptz,           -- last conversation, either way
    open_since_at timestamptz              -- earliest missed call that still waits for its next conversation
);

-- ------------------------------------------------------------------ directory

create table employee (
    employee_id uuid not null,
    name varchar not null,
    department varchar,
    email varchar,
    active boolean not null default true
);

-- One row per stretch of time in which an extension is an employee's.
create table extension (
    extension varchar not null,
    pbx varchar,
    employee_id uuid,
    kind varchar not null default 'phone', -- phone, queue, ring_group, ivr, conference
    device varchar,
    from_at timestamptz not null,
    until_at timestamptz
);

create table queue (
    queue varchar not null,                -- the name in the PBX
    pbx varchar,
    extension varchar,
    title varchar
);

create table ring_group (
    ring_group varchar not null,           -- its number
    pbx varchar,
    title varchar
);

create table line (
    line varchar not null,                 -- trunk
    pbx varchar,
    title varchar
);

-- One row per office number with the name of the channel that brings callers to it.
create table acquisition_channel (
    did varchar not null,                  -- normal form
    title varchar not null
);

-- ------------------------------------------------------------------ what people add

-- One row per client: an organisation or a private person.
create table account (
    account_id uuid not null,
    name varchar not null,
    kind varchar not null default 'organisation', -- organisation, person
    responsible_id uuid,                   -- employee
    tags varchar[] not null default [],
    notes varchar,
    external_id varchar,
    created_at timestamptz not null,
    created_by varchar not null,
    changed_at timestamptz not null,
    changed_by varchar not null,
    version integer not null default 1,
    merged_into uuid,                      -- set when this card was merged away
    emails varchar[] not null default [],
    messengers varchar[] not null default [], -- <messenger>:<id there>
    stored_at timestamptz not null default get_current_timestamp() -- set by the store: what changed since
);

-- One row per contact person of a client.
create table contact (
    contact_id uuid not null,
    account_id uuid not null,
    name varchar not null,
    position varchar,
    emails varchar[] not null default [],
    created_at timestamptz not null,
    created_by varchar not null,
    changed_at timestamptz not null,
    changed_by varchar not null,
    version integer not null default 1,
    messengers varchar[] not null default [],
    stored_at timestamptz not null default get_current_timestamp() -- set by the store: what changed since
);

-- One row per stretch of time in which a number belongs to an owner; never two at once.
create table phone_assignment (
    assignment_id uuid not null,
    number varchar not null,               -- normal form
    account_id uuid not null,
    contact_id uuid,
    from_at timestamptz not null,
    until_at timestamptz,
    assigned_by varchar not null,
    stored_at timestamptz not null default get_current_timestamp() -- set by the store: what changed since
);

-- One row per subject: the comment of a call, chat or client as it stands now.
create table comment (
    comment_id uuid not null,
    subject_kind varchar not null,         -- call, chat, account
    subject_id varchar not null,
    text varchar not null,
    author varchar not null,               -- login name
    author_name varchar not null,
    written_at timestamptz not null,
    version integer not null default 1
);

-- One row per former text of a comment.
create table comment_history (
    comment_id uuid not null,
    version integer not null,
    text varchar not null,
    author varchar not null,
    author_name varchar not null,
    written_at timestamptz not null
);

create table lead (
    lead_id uuid not null,
    number varchar,
    call_id varchar,
    chat_id uuid,
    source varchar not null,               -- call, chat, hand
    name varchar,
    responsible_id uuid,
    state varchar not null default 'new',
    comment varchar,
    result varchar,
    account_id uuid,
    created_at timestamptz not null,
    created_by varchar not null,
    changed_at timestamptz not null,
    version integer not null default 1
);

create table task (
    task_id uuid not null,
    title varchar not null,
    owner_id uuid,
    due_at timestamptz,
    done_at timestamptz,
    subject_kind varchar,
    subject_id varchar,
    created_at timestamptz not null,
    created_by varchar not null,
    version integer not null default 1
);

create table chat (
    chat_id uuid not null,
    messenger varchar not null,            -- whatsapp, telegram …
    messenger_account varchar not null,
    user_key varchar not null,             -- the client's id at the messenger
    title varchar,
    number varchar,
    account_id uuid,
    contact_id uuid,
    assignee_id uuid,
    watcher_ids uuid[] not null default [],
    state varchar not null default 'queued', -- queued, active, closed
    created_at timestamptz not null,
    last_message_at timestamptz,
    last_message_ours boolean,
    unread_count integer not null default 0,
    closed_at timestamptz,
    version integer not null default 1
);

create table message (
    message_id uuid not null,
    chat_id uuid not null,
    messenger_message_id varchar,
    kind varchar not null,                 -- text, image, voice, document, note, system …
    ours boolean not null,
    author varchar,
    author_name varchar,
    text varchar,
    media varchar,                         -- content hash in our own storage
    sent_at timestamptz not null,
    state varchar,                         -- queued, sent, delivered, read, failed
    error varchar,
    replies_to uuid
);

-- What a service asks ingest to carry out; written in the same transaction as its cause.
create table outbox (
    outbox_id uuid not null,
    kind varchar not null,                 -- message, originate …
    target varchar not null,               -- PBX or messenger account
    subject_id varchar,
    payload varchar not null,              -- JSON
    state varchar not null default 'queued', -- queued, sent, done, failed
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    error varchar,
    created_at timestamptz not null,
    created_by varchar not null,
    changed_at timestamptz not null
);

-- Trail of business actions: who did what to which row.
create table audit (
    acted_at timestamptz not null,
    actor varchar not null,
    action varchar not null,
    subject_kind varchar,
    subject_id varchar,
    detail varchar                         -- JSON
);

-- Filters that a user saved under a name.
create table saved_view (
    view_id uuid not null,
    page varchar not null,
    title varchar not null,
    query varchar not null,                -- the part of the address after "?"
    owner varchar not null,
    shared boolean not null default false,
    created_at timestamptz not null
);

-- ------------------------------------------------------------------ derived

-- Owner of a number during a time. A call belongs to the owner whose assignment covers its start,
-- else to the first owner after it: so the first assignment of a number reaches back for ever, and
-- who gets a number that nobody had for a while gets the calls of that while.
create view number_owner as
select
    number,
    account_id,
    contact_id,
    from_at,
    case
        when row_number() over assignments = 1 then timestamptz '0001-01-01 00:00:00+00'
        else least(from_at, lag(until_at) over assignments)
    end as owns_from_at,
    least(
        until_at,
        lead(from_at) over assignments,
        timestamptz '9999-12-31 00:00:00+00'
    ) as owns_until_at
from phone_assignment
window assignments as (partition by number order by from_at, until_at);
