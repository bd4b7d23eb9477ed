-- Numbers go back, and so do those that a person who goes back got meanwhile.
update phone_assignment
set
    account_id = account_merge.gone_id,
    stored_at = get_current_timestamp()
from account_merge
where account_merge.merge_id = $merge_id::uuid
    and phone_assignment.account_id = account_merge.kept_id
    and (
        list_contains(account_merge.assignment_ids, phone_assignment.assignment_id)
        or list_contains(account_merge.contact_ids, phone_assignment.contact_id)
    )
