insert into source_difference (pbx, call_id, source, kind, field, ours, theirs, rule, started_at, noted_at)
select
    $pbx,
    row.call_id,
    $source,
    row.kind,
    row.field,
    row.ours,
    row.theirs,
    row.rule,
    row.started_at,
    $noted_at
from (
    select unnest(
        $rows::struct(
            call_id varchar,
            kind varchar,
            field varchar,
            ours varchar,
            theirs varchar,
            rule varchar,
            started_at timestamptz
        )[]
    ) as row
)
