-- A line of the trail that was noted elsewhere first, unless it is here already.
insert into audit (acted_at, actor, action, subject_kind, subject_id, detail)
select $acted_at, $actor, $action, $subject_kind, $subject_id, $detail
where not exists (
    from audit
    where acted_at = $acted_at
        and actor = $actor
        and action = $action
        and subject_id = $subject_id
)
