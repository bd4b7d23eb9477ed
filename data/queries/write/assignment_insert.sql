-- A number becomes somebody's from now on. No row: it has an owner, or there is no such owner.
insert into phone_assignment (assignment_id, number, account_id, contact_id, from_at, assigned_by)
select $assignment_id::uuid, $number, account.account_id, $contact_id::uuid, $at, $actor
from account
where account.account_id = $account_id::uuid
    and account.merged_into is null
    and (
        $contact_id is null
        or exists (
            from contact
            where contact.contact_id = $contact_id::uuid
                and contact.account_id = account.account_id
        )
    )
    and not exists (
        from phone_assignment
        where number = $number
            and (until_at is null or until_at > $at)
    )
