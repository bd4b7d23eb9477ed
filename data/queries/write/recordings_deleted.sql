-- Their files were deleted.
update recording
set
    state = 'deleted',
    path = null,
    peaks = null,
    checksum = null
where list_contains($ids::varchar[], recording_id)
