-- How much of the card $account_id a merge would move. One row.
select
    (select count(*) from phone_assignment where account_id = $account_id::uuid) as assignments,
    (select count(*) from contact where account_id = $account_id::uuid) as contacts,
    (
        select count(*)
        from call
        inner join number_owner as owner
            on owner.number = call.external_number
            and owner.owns_from_at <= call.started_at
            and owner.owns_until_at > call.started_at
        where owner.account_id = $account_id::uuid
    ) as calls,
    (select count(*) from lead where account_id = $account_id::uuid) as leads,
    (select count(*) from chat where account_id = $account_id::uuid) as chats,
    (select count(*) from task where subject_kind = 'account' and subject_id = $account_id) as tasks
