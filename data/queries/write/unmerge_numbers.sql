-- Numbers go back, and so do those that a person who goes back got meanwhile. What became of such a number on this
-- card since then (given to another person of it, or kept as that person was removed) goes back with it, unless a
-- third client had it in between: then somebody chose this card.
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
        or (
            phone_assignment.from_at >= account_merge.merged_at
            and phone_assignment.number in (
                select went.number
                from phone_assignment as went, account_merge as merge
                where merge.merge_id = $merge_id::uuid
                    and (went.until_at is null or went.until_at > merge.merged_at)
                    and (
                        list_contains(merge.assignment_ids, went.assignment_id)
                        or list_contains(merge.contact_ids, went.contact_id)
                    )
            )
            and phone_assignment.number not in (
                select elsewhere.number
                from phone_assignment as elsewhere, account_merge as merge
                where merge.merge_id = $merge_id::uuid
                    and elsewhere.from_at >= merge.merged_at
                    and elsewhere.account_id not in (merge.kept_id, merge.gone_id)
            )
        )
    )
