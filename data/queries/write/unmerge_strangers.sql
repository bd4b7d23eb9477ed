-- A number that went back meanwhile belongs to a person of the card that stays: the person stays, too.
update phone_assignment
set contact_id = null
from account_merge, contact
where account_merge.merge_id = $merge_id::uuid
    and phone_assignment.account_id = account_merge.gone_id
    and contact.contact_id = phone_assignment.contact_id
    and contact.account_id = account_merge.kept_id
