-- Receipts, edits, deletions and reactions, to be applied by the next steps or when their message comes. rows: a JSON list.
insert into message_change (
    messenger_account, messenger_message_id, message_id, kind, happened_at, state, error, text, stored_at
)
select
    told.account,
    told.messenger_message_id,
    told.message_id::uuid,
    told.kind,
    told.happened_at::timestamptz,
    told.state,
    told.error,
    told.text,
    $at
from (
    select unnest(
        from_json(
            $rows,
            '[{"account": "VARCHAR", "messenger_message_id": "VARCHAR", "message_id": "VARCHAR", "kind": "VARCHAR",
               "happened_at": "VARCHAR", "state": "VARCHAR", "error": "VARCHAR", "text": "VARCHAR"}]'
        )
    ) as told
)
