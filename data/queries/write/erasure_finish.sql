-- An erasure went through the tables, or failed; only then does its row still name the person.
update erasure
set
    state = $state,
    subject = case when $state = 'failed' then subject end,
    done_at = $at,
    certificate = $certificate,
    error = $error
where erasure_id = $erasure_id::uuid
