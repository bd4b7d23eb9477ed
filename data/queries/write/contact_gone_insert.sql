-- A person who is about to be removed stays known: whose a number was then, and what other systems have to forget.
-- No row: somebody else changed or removed him meanwhile.
insert into contact_gone (
    contact_id, account_id, name, position, external_id, created_at, created_by, removed_at, removed_by, version
)
select
    contact_id,
    account_id,
    name,
    position,
    external_id,
    created_at,
    created_by,
    $at,
    $actor,
    version + 1
from contact
where contact_id = $contact_id::uuid
    and version = $version
