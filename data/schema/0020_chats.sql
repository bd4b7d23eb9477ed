-- Chats at work: what people read and do beside the messages, accounts of messengers, media, and raw webhooks.
--
-- Both tables are made anew: DuckDB 1.5 refuses so many `alter table` of a table with rows in one transaction.

create temp table former_chat as from chat;
drop table chat;
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
    version integer not null default 1,
    chat_no bigint,                        -- the number people say; rises by one
    is_group boolean not null default false,
    queued_at timestamptz,                 -- when it last came into the queue
    taken_at timestamptz,                  -- when its present responsible took it
    answered_at timestamptz,               -- our first message since it was opened
    client_wrote_at timestamptz,           -- the client's last message: the 24-hour window runs from here
    waiting_since timestamptz,             -- the client's first unanswered message; null: the last word is ours
    last_text varchar,                     -- the last word in short, for the list
    last_kind varchar
);
insert into chat by name
select *, row_number() over (order by created_at, chat_id) as chat_no
from former_chat;
drop table former_chat;

create temp table former_message as from message;
drop table message;
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
    replies_to uuid,
    client_key varchar,                    -- the sender's own id: what is sent twice is stored once
    payload varchar,                       -- JSON: location, contacts, template, system line, unsupported kind
    media_state varchar,                   -- expected, present, failed, too_large, refused
    media_ref varchar,                     -- id or address at the messenger, as long as it lives
    media_name varchar,                    -- file name as the sender wrote it: hostile
    media_type varchar,                    -- sniffed, not believed
    media_bytes bigint,
    stored_at timestamptz,
    edited_at timestamptz,
    deleted_at timestamptz,
    delivered_at timestamptz,
    read_at timestamptz,
    mention_ids uuid[]
);
insert into message by name
from former_message;
drop table former_message;

-- How far each user has read a chat: one row per chat and user.
create table chat_seen (
    chat_id uuid not null,
    login varchar not null,
    seen_at timestamptz not null
);

-- What happened to a chat, for system lines and metrics: one row per event.
create table chat_event (
    event_id uuid not null,
    chat_id uuid not null,
    happened_at timestamptz not null,
    kind varchar not null,                 -- opened, queued, taken, assigned, handed_over, watched, left, closed, reopened, automation …
    actor varchar not null,
    employee_id uuid,                      -- whom it concerns
    detail varchar                         -- JSON
);

create table chat_tag (
    chat_id uuid not null,
    tag_id uuid not null,
    tagged_at timestamptz not null,
    tagged_by varchar not null
);

-- One row per account at a messenger. Secrets live in the identity database, never here.
create table messenger_account (
    account varchar not null,              -- our name of it: part of the webhook's address
    messenger varchar not null,            -- whatsapp, telegram, webhook
    title varchar not null,
    enabled boolean not null default true,
    config varchar not null,               -- JSON: ids and addresses at the messenger, greeting, routing …
    state varchar not null default 'unknown', -- unknown, working, failing
    state_detail varchar,
    state_at timestamptz,
    changed_at timestamptz not null,
    changed_by varchar not null,
    version integer not null default 1
);

create table canned_reply (
    reply_id uuid not null,
    shortcut varchar not null,             -- typed after "/"
    title varchar not null,
    text varchar not null,
    messenger_account varchar,             -- null: for all
    changed_at timestamptz not null,
    changed_by varchar not null
);

-- Templates that a messenger approved, as they were last read from it.
create table message_template (
    messenger_account varchar not null,
    name varchar not null,
    language varchar not null,
    state varchar not null,                -- approved, pending, rejected …
    category varchar,
    body varchar not null,                 -- with {{1}}, {{2}} …
    variables integer not null,
    config varchar,                        -- JSON: header, footer, buttons
    synced_at timestamptz not null
);

-- Raw bodies of webhooks and polls, stored before anything is understood: one row per delivery.
create table hook_event (
    hook_id uuid not null,
    account varchar not null,
    received_at timestamptz not null,
    body blob not null,
    headers varchar,                       -- JSON: the few that matter
    state varchar not null default 'new',  -- new, done, failed
    error varchar,
    attempts integer not null default 0,
    done_at timestamptz
);

-- What an automation did, so that one event sets it off once.
create table chat_automation (
    chat_id uuid not null,
    rule varchar not null,                 -- greeting, nobody_answers, closing, escalation, routing
    event_key varchar not null,
    acted_at timestamptz not null
);
