-- No row: somebody else changed the lead meanwhile.
update lead
set
    name = $name,
    responsible_id = $responsible_id::uuid,
    state = $state,
    comment = $comment,
    result = $result,
    changed_at = $at,
    changed_by = $actor,
    version = version + 1
where lead_id = $lead_id::uuid
    and version = $version
