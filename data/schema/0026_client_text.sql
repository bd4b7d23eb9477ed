-- The columns of 0025 take the places of the packed ones; and contact persons who were removed stay known.
alter table account drop column name;
alter table account drop column folded;
alter table account drop column notes;
alter table account drop column external_id;
alter table account rename column quick_name to name;
alter table account rename column quick_folded to folded;     -- the name as it is searched: small letters, no ё
alter table account rename column quick_notes to notes;
alter table account rename column quick_external_id to external_id;
alter table account alter column name set not null;

alter table contact drop column name;
alter table contact drop column folded;
alter table contact drop column external_id;
alter table contact rename column quick_name to name;
alter table contact rename column quick_folded to folded;
alter table contact rename column quick_external_id to external_id; -- id in another system
alter table contact alter column name set not null;

alter table phone_assignment drop column number;
alter table phone_assignment rename column quick_number to number; -- normal form
alter table phone_assignment alter column number set not null;

alter table number drop column number;
alter table number rename column quick_number to number;      -- normal form
alter table number alter column number set not null;

-- One row per contact person who was removed: whose a number was then, and what other systems have to forget.
create table contact_gone (
    contact_id uuid not null,
    account_id uuid not null,              -- whose person he was last
    name varchar not null,
    position varchar,
    external_id varchar,                   -- id in another system
    created_at timestamptz not null,
    created_by varchar not null,
    removed_at timestamptz not null,
    removed_by varchar not null,
    version integer not null,              -- one above the last of the person
    stored_at timestamptz not null default get_current_timestamp() -- set by the store: what changed since
);
