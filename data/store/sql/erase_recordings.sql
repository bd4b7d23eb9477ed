-- His recordings: the files are deleted from the disk, their names carried his number.
update recording
set
    state = 'deleted',
    file = '–',
    path = null,
    checksum = null,
    peaks = null
where call_id in (select call_id from erased_call)
