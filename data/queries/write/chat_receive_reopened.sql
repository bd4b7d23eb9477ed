-- An event for each closed chat that is about to come back, at the moment of what brings it, but not before it was
-- closed: that may have been written earlier. rows: a JSON list, one per chat.
insert into chat_event (event_id, chat_id, happened_at, kind, actor, employee_id)
select
    back.event_id::uuid,
    chat.chat_id,
    greatest(back.first_at::timestamptz, chat.closed_at + interval 1 millisecond),
    'reopened',
    $actor,
    case when employee.active then chat.assignee_id end
from (
    select unnest(
        from_json(
            $rows, '[{"event_id": "VARCHAR", "chat_id": "VARCHAR", "from_client": "INTEGER", "first_at": "VARCHAR"}]'
        )
    ) as back
)
inner join chat
    on chat.chat_id = back.chat_id::uuid
left join employee
    on employee.employee_id = chat.assignee_id
where chat.state = 'closed'
    and back.from_client > 0
