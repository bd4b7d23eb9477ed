-- What people write down of a lead for the first time. No row: somebody did for this call already.
insert into lead (
    lead_id, number, call_id, chat_id, source, name, responsible_id, state, comment, result, account_id,
    created_at, created_by, changed_at, changed_by
)
select
    $lead_id::uuid,
    $number,
    $call_id,
    $chat_id::uuid,
    $source,
    $name,
    $responsible_id::uuid,
    $state,
    $comment,
    $result,
    null,
    $at,
    $actor,
    $at,
    $actor
where $call_id is null
    or not exists (
        from lead
        where lead.call_id = $call_id
    )
