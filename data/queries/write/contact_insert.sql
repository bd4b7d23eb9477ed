-- No row: there is no such client.
insert into contact (
    contact_id, account_id, name, folded, position, emails, messengers, created_at, created_by, changed_at, changed_by
)
select
    $contact_id::uuid,
    account_id,
    $name,
    replace(lower($name), 'ё', 'е'),
    $position,
    $emails::varchar[],
    $messengers::varchar[],
    $at,
    $actor,
    $at,
    $actor
from account
where account_id = $account_id::uuid
    and merged_into is null
