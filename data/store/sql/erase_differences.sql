-- Values of his calls in which sources differ.
update source_difference
set
    ours = null,
    theirs = null
where call_id in (select call_id from erased_call)
