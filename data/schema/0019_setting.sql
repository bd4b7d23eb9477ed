-- Settings that people changed at run time: one row per setting; without one the settings file holds.
create table setting (
    name varchar not null,                 -- section.name, as in callboard.toml
    value varchar not null,                -- JSON
    changed_at timestamptz not null,
    changed_by varchar not null
);
