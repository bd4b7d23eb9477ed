-- A state never goes down, and failed is final: of all words the highest counts, in whatever order they came. Only where
-- we gave a message up without an answer, its messenger knows better. What is told of former attempts counts no more.
update message
set
    messenger_message_id = coalesce(message.messenger_message_id, told.messenger_message_id),
    state = case when told.height > told.former_height then told.state else message.state end,
    error = case
        when told.height = 4 then coalesce(told.error, message.error)
        when told.height > told.former_height then null
        else message.error
    end,
    delivered_at = least(message.delivered_at, told.delivered_at),
    read_at = least(message.read_at, told.read_at)
from (
    select
        change.message_id,
        min(change.messenger_message_id) as messenger_message_id,
        max(list_position(['sent', 'delivered', 'read', 'failed'], change.state)) as height,
        any_value(
            case
                when known.state = 'failed' and known.messenger_message_id is null then 0
                else coalesce(list_position(['sent', 'delivered', 'read', 'failed'], known.state), 0)
            end
        ) as former_height,
        arg_max(change.state, list_position(['sent', 'delivered', 'read', 'failed'], change.state)) as state,
        arg_max(change.error, list_position(['sent', 'delivered', 'read', 'failed'], change.state)) as error,
        min(change.happened_at) filter (where change.state in ('delivered', 'read')) as delivered_at,
        min(change.happened_at) filter (where change.state = 'read') as read_at
    from message_change as change
    inner join message as known
        on known.message_id = change.message_id
        and known.sent_at >= $from_at
    where change.kind = 'receipt'
        and (
            known.messenger_message_id = change.messenger_message_id
            or (
                known.messenger_message_id is null
                and not list_contains(coalesce(known.former_ids, []), change.messenger_message_id)
            )
        )
    group by change.message_id
) as told
where message.message_id = told.message_id
    and message.ours
    and message.sent_at >= $from_at
