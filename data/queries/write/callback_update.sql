-- No row: somebody else changed it meanwhile.
update callback
set
    owner = $owner,
    owner_name = $owner_name,
    taken_at = $taken_at,
    dismissed_at = $dismissed_at,
    dismissed_by = $dismissed_by,
    dismissed_name = $dismissed_name,
    reason = $reason,
    note = $note,
    changed_at = $at,
    changed_by = $actor,
    version = version + 1
where number = $number
    and version = $version
