-- Sound files below our folders that belong to no recording: as the last walk through the folders found them.
create table orphan_file (
    path varchar not null,
    bytes bigint not null,
    modified_at timestamptz not null,
    found_at timestamptz not null,         -- by the walk that saw it first
    seen_at timestamptz not null           -- by the last one
);
