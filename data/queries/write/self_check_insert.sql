insert into self_check (pbx, checked_on, source, agree, only_ours, only_theirs, differ, unexplained, noted_at)
select
    $pbx,
    row.checked_on,
    $source,
    row.agree,
    row.only_ours,
    row.only_theirs,
    row.differ,
    row.unexplained,
    $noted_at
from (
    select unnest(
        $rows::struct(
            checked_on date,
            agree integer,
            only_ours integer,
            only_theirs integer,
            differ integer,
            unexplained integer
        )[]
    ) as row
)
