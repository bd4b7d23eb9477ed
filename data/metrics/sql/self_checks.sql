-- One row per local day, PBX and source that was compared with our calls.
select
    checked_on,
    pbx,
    source,
    agree,
    differ,
    only_ours,
    only_theirs,
    unexplained,
    noted_at
from self_check
where checked_on >= $from_on::date
    and checked_on < $until_on::date
order by
    checked_on desc,
    pbx,
    source
