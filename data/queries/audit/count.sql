-- How many lines of the trail there are.
select count(*) as lines
from audit
where acted_at >= $from_at
    and acted_at < $until_at
    and ($actor::varchar is null or actor = $actor)
    and ($action::varchar is null or action = $action)
    and (
        $search::varchar is null
        or contains(lower(subject_id), lower($search))
        or contains(lower(detail), lower($search))
    )
