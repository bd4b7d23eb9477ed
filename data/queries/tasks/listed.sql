-- Tasks with what they are about, the open ones by urgency, the done ones by when. One row per task.
-- Conditions that are null let everything pass. $extensions, $employee_id and $user say who I am.
with me as (
    select employee_id
    from extension
    where list_contains($extensions::varchar[], extension.extension)
        and (until_at is null or until_at > $at)
    union
    select $employee_id::uuid
    where $employee_id is not null
),

chosen as (
    select
        task.*,
        coalesce(owner_id in (select employee_id from me), false)
            or (owner_id is null and created_by = $user) as is_mine
    from task
    where ($task_id::uuid is null or task_id = $task_id::uuid)
        and ($subject_kind is null or subject_kind = $subject_kind)
        and ($subject_id is null or subject_id = $subject_id)
        and ($owner_id::uuid is null or owner_id = $owner_id::uuid)
),

seen as (
    select *
    from chosen
    where (
            $whose = 'all'
            or ($whose = 'mine' and is_mine)
            or ($whose = 'given' and created_by = $user and not is_mine)
            or ($whose = 'seen' and (is_mine or created_by = $user))
        )
        and (
            $state = 'any'
            or ($state = 'done' and done_at is not null)
            or ($state = 'open' and done_at is null)
            or ($state = 'overdue' and done_at is null and due_at < $at)
        )
    order by
        done_at is not null,
        done_at desc,
        due_at nulls last,
        created_at,
        task_id
    limit $limit
)

select
    seen.task_id::varchar as task_id,
    seen.title,
    seen.notes,
    seen.owner_id::varchar as owner_id,
    employee.name as owner,
    seen.due_at,
    seen.remind_at,
    seen.done_at,
    seen.done_by,
    seen.subject_kind,
    seen.subject_id,
    case seen.subject_kind
        when 'account' then account.name
        when 'chat' then chat.title
    end as subject,
    call.external_number as number,
    owner_of_call.name as client,
    seen.created_at,
    seen.created_by,
    seen.version,
    seen.is_mine
from seen
left join employee on employee.employee_id = seen.owner_id
left join account
    on seen.subject_kind = 'account'
    and account.account_id::varchar = seen.subject_id
left join chat
    on seen.subject_kind = 'chat'
    and chat.chat_id::varchar = seen.subject_id
left join call
    on seen.subject_kind = 'call'
    and call.call_id = seen.subject_id
left join number_owner
    on number_owner.number = call.external_number
    and number_owner.owns_from_at <= call.started_at
    and number_owner.owns_until_at > call.started_at
left join account as owner_of_call on owner_of_call.account_id = number_owner.account_id
order by
    seen.done_at is not null,
    seen.done_at desc,
    seen.due_at nulls last,
    seen.created_at,
    seen.task_id
