-- What moves from one card to the other, noted before it moves. No row: one of them changed meanwhile.
insert into account_merge (
    merge_id,
    kept_id,
    gone_id,
    merged_at,
    merged_by,
    assignment_ids,
    contact_ids,
    lead_ids,
    chat_ids,
    task_ids,
    tag_ids,
    kept_responsible_id,
    kept_notes,
    kept_emails,
    kept_messengers,
    kept_version
)
select
    $merge_id::uuid,
    kept.account_id,
    gone.account_id,
    $at,
    $actor,
    (select coalesce(list(assignment_id), []) from phone_assignment where account_id = $gone_id::uuid),
    (select coalesce(list(contact_id), []) from contact where account_id = $gone_id::uuid),
    (select coalesce(list(lead_id), []) from lead where account_id = $gone_id::uuid),
    (select coalesce(list(chat_id), []) from chat where account_id = $gone_id::uuid),
    (select coalesce(list(task_id), []) from task where subject_kind = 'account' and subject_id = $gone_id),
    (
        select coalesce(list(tag_id), [])
        from client_tag
        where account_id = $gone_id::uuid
            and tag_id not in (select tag_id from client_tag where account_id = $kept_id::uuid)
    ),
    kept.responsible_id,
    kept.notes,
    coalesce(kept.emails, []),
    coalesce(kept.messengers, []),
    kept.version + 1
from account as kept, account as gone
where kept.account_id = $kept_id::uuid
    and kept.version = $kept_version
    and kept.merged_into is null
    and gone.account_id = $gone_id::uuid
    and gone.version = $gone_version
    and gone.merged_into is null
    and kept.account_id != gone.account_id
