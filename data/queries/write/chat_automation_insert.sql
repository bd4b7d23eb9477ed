-- No row: it was done already, or the chat moved on meanwhile.
insert into chat_automation (chat_id, rule, event_key, acted_at)
select $chat_id::uuid, $rule, $event_key, $at
where not exists (
        select 1
        from chat_automation
        where chat_id = $chat_id::uuid
            and rule = $rule
            and event_key = $event_key
    )
    and exists (
        select 1
        from chat
        where chat_id = $chat_id::uuid
            and state = $state
            and waiting_since is not distinct from $waiting_since
    )
