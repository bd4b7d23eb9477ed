-- What happened with a client beside his calls: what people wrote, leads, tasks, chats, changes. One row each,
-- the newest first. Grain: one row per entry; `place` orders entries of one instant (see client_feed.py).
with card as (
    select account_id::varchar as account_id
    from account
    where account_id = $account_id::uuid
        or merged_into = $account_id::uuid
),

owned_call as (
    select call.call_id
    from call
    inner join number_owner as owner
        on owner.number = call.external_number
        and owner.owns_from_at <= call.started_at
        and owner.owns_until_at > call.started_at
    where owner.account_id = $account_id::uuid
        and ($with_call_notes or $with_tasks)
        and |scope|
),

noted as (
    select subject_kind, subject_id, text, author_name, written_at, version
    from comment
    where text != ''
    union all
    select comment.subject_kind, comment.subject_id, former.text, former.author_name, former.written_at, former.version
    from comment_history as former
    inner join comment using (comment_id)
    where former.text != ''
        and comment.subject_kind = 'account'
),

entry as (
    select
        'comment' as kind,
        written_at as happened_at,
        subject_kind || ':' || subject_id || ':' || version as entry_id,
        to_json({text: text, author: author_name, subject_kind: subject_kind, subject_id: subject_id}) as detail
    from noted
    where $with_notes
        and (
            (subject_kind = 'account' and subject_id in (select account_id from card))
            or ($with_call_notes and subject_kind = 'call' and subject_id in (select call_id from owned_call))
        )
    union all
    select
        'lead',
        created_at,
        lead_id::varchar,
        to_json(
            {
                lead_id: lead_id::varchar,
                name: name,
                number: number,
                state: state,
                source: source,
                comment: comment,
                result: result
            }
        )
    from lead
    where $with_leads
        and (
            account_id = $account_id::uuid
            or number in (select number from phone_assignment where account_id = $account_id::uuid and until_at is null)
        )
    union all
    select
        'task',
        created_at,
        task_id::varchar,
        to_json(
            {
                task_id: task_id::varchar,
                title: title,
                owner: employee.name,
                due_at: due_at,
                done_at: done_at
            }
        )
    from task
    left join employee on employee.employee_id = task.owner_id
    where $with_tasks
        and (
            (subject_kind = 'account' and subject_id in (select account_id from card))
            or (subject_kind = 'call' and subject_id in (select call_id from owned_call))
        )
    union all
    select
        'chat',
        coalesce(last_message_at, created_at),
        chat_id::varchar,
        to_json(
            {
                chat_id: chat_id::varchar,
                messenger: messenger,
                title: title,
                state: state,
                unread: unread_count,
                last: (
                    select arg_max(text, sent_at)
                    from message
                    where message.chat_id = chat.chat_id
                        and text is not null
                )
            }
        )
    from chat
    where $with_chats
        and account_id = $account_id::uuid
        and |chats|
    union all
    select
        'change',
        acted_at,
        coalesce(subject_id, '') || action,
        to_json({action: action, actor: actor, subject_id: subject_id, detail: detail})
    from audit
    where $with_changes
        and (
            (subject_kind = 'account' and subject_id in (select account_id from card) and action != 'comment.save')
            or (
                subject_kind in ('contact', 'number')
                and (
                    json_extract_string(detail, '$.account_id') in (select account_id from card)
                    or json_extract_string(detail, '$.former_account_id') in (select account_id from card)
                )
            )
        )
)

select
    kind,
    happened_at,
    entry_id,
    detail::varchar as detail
from entry
where $before_at::timestamptz is null
    or happened_at < $before_at
    or (happened_at = $before_at and (kind, entry_id) < ($before_kind, $before_id))
order by happened_at desc, kind desc, entry_id desc
limit $limit
