-- How far the PBX's own records agree with the calls that are stored.

-- One row per local day and source that was compared with the calls of a PBX.
create table self_check (
    pbx varchar not null,
    checked_on date not null,
    source varchar not null,
    agree integer not null,
    only_ours integer not null,
    only_theirs integer not null,
    differ integer not null,
    unexplained integer not null,          -- calls with a difference that no rule explains
    noted_at timestamptz not null
);
