-- What people do about missed callers: who takes care of one, and who gave one up and why.
-- One row per outside number. It speaks of the episode that was open when it was changed: one that began
-- later owes it nothing but the next version.
create table callback (
    number varchar not null,               -- normal form
    owner varchar,                         -- login name of who takes care; null: nobody
    owner_name varchar,
    taken_at timestamptz,
    dismissed_at timestamptz,              -- given up; a later miss opens it again
    dismissed_by varchar,                  -- login name
    dismissed_name varchar,
    reason varchar,                        -- reached_otherwise, no_need, wrong_number, spam, out_of_reach, other
    note varchar,
    changed_at timestamptz not null,
    changed_by varchar not null,           -- login name
    version integer not null default 1
);
