-- The client's newest text of a message, its deletion, and his sign on it.
update message
set
    text = case when told.edited_at > coalesce(message.edited_at, message.sent_at) then told.text else message.text end,
    edited_at = greatest(message.edited_at, told.edited_at),
    deleted_at = coalesce(message.deleted_at, told.deleted_at),
    reaction = case when told.reacted_at is null then message.reaction else told.reaction end
from (
    select
        message_id,
        max(happened_at) filter (where kind = 'edited') as edited_at,
        arg_max(text, happened_at) filter (where kind = 'edited') as text,
        min(happened_at) filter (where kind = 'deleted') as deleted_at,
        max(happened_at) filter (where kind = 'reaction') as reacted_at,
        nullif(arg_max(coalesce(text, ''), happened_at) filter (where kind = 'reaction'), '') as reaction
    from message_change
    where kind != 'receipt'
        and message_id is not null
    group by message_id
) as told
where message.message_id = told.message_id
    and message.sent_at >= $from_at
