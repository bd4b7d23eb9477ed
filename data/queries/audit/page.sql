-- Lines of the trail, the newest first.
select
    acted_at,
    actor,
    action,
    subject_kind,
    subject_id,
    detail
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
order by acted_at desc, actor, action, subject_id, detail
limit $limit
offset $offset
