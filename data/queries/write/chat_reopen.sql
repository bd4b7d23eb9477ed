-- A closed chat is its former responsible's again, or waits in the queue. No row: it is not closed any more.
update chat
set
    state = case when assignee_id is null then 'queued' else 'active' end,
    queued_at = case when assignee_id is null then $at else queued_at end,
    taken_at = case when assignee_id is null then null else $at end,
    answered_at = null,
    closed_at = null,
    version = version + 1
where chat_id = $chat_id::uuid
    and state = 'closed'
    and version = $version
