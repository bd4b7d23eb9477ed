-- Cards of clients: how else to reach them, names as they are searched, merged cards and how to undo that.

alter table account add column folded varchar;                  -- the name as it is searched: small letters, no ё
update account set folded = replace(lower(name), 'ё', 'е');

alter table contact add column folded varchar;
update contact set folded = replace(lower(name), 'ё', 'е');

-- One row per card that was merged away, with everything that moved: what an undo puts back.
create table account_merge (
    merge_id uuid not null,
    kept_id uuid not null,                 -- account that took the other in
    gone_id uuid not null,                 -- account that was merged away
    merged_at timestamptz not null,
    merged_by varchar not null,
    assignment_ids uuid[] not null,
    contact_ids uuid[] not null,
    lead_ids uuid[] not null,
    chat_ids uuid[] not null,
    task_ids uuid[] not null,
    tag_ids uuid[] not null,               -- tags that the card that stays did not carry
    kept_responsible_id uuid,              -- the card that stays, as it was before
    kept_notes varchar,
    kept_emails varchar[] not null,
    kept_messengers varchar[] not null,
    kept_version integer not null,         -- of that card after the merge
    undone_at timestamptz,
    undone_by varchar
);

-- One row per pair of cards of which somebody said that they are not the same client.
create table account_distinct (
    one_id uuid not null,
    other_id uuid not null,
    said_at timestamptz not null,
    said_by varchar not null
);
