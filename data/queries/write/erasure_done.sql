-- The file was written anew: nothing of the person is left in it.
update erasure
set
    state = 'done',
    done_at = $at
where erasure_id = $erasure_id::uuid
