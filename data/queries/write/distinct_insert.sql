insert into account_distinct (one_id, other_id, said_at, said_by)
select least($one_id::uuid, $other_id::uuid), greatest($one_id::uuid, $other_id::uuid), $at, $actor
where not exists (
    from account_distinct
    where one_id = least($one_id::uuid, $other_id::uuid)
        and other_id = greatest($one_id::uuid, $other_id::uuid)
)
