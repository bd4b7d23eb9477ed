-- Whose chat it is. No row: somebody tied it to another meanwhile, or there is no such client or person.
update chat
set
    account_id = $account_id::uuid,
    contact_id = $contact_id::uuid
where chat_id = $chat_id::uuid
    and account_id is not distinct from $former_id::uuid
    and (
        $account_id::uuid is null
        or exists (from account where account_id = $account_id::uuid and merged_into is null)
    )
    and (
        $contact_id::uuid is null
        or exists (from contact where contact_id = $contact_id::uuid and account_id = $account_id::uuid)
    )
