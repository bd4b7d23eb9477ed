-- The numbering plan that a user loads: which range of numbers is whose, and where.

-- One row per range of Russian numbers; ranges do not overlap.
create table numbering_range (
    code varchar not null,                 -- first four digits of the normal form: 7 and ABC or DEF
    from_number varchar not null,          -- normal form
    to_number varchar not null,            -- of the same length
    operator varchar,
    region varchar,                        -- ISO 3166-2, or the name that the plan gives; null: all Russia
    loaded_at timestamptz not null
);

alter table number add column operator varchar; -- who serves the range, by the numbering plan
