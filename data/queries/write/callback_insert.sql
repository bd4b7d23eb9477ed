-- The first that anybody does about this number. No row: somebody else was quicker.
insert into callback (
    number, owner, owner_name, taken_at, dismissed_at, dismissed_by, dismissed_name, reason, note, changed_at, changed_by
)
select
    $number, $owner, $owner_name, $taken_at, $dismissed_at, $dismissed_by, $dismissed_name, $reason, $note, $at, $actor
where not exists (select 1 from callback where number = $number)
