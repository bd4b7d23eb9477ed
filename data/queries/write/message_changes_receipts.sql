-- A state never goes down, and failed is final: of all words the highest counts, in whatever order they came.
update message
set
    messenger_message_id = coalesce(message.messenger_message_id, told.messenger_message_id),
    state = case
        when told.height > coalesce(list_position(['sent', 'delivered', 'read', 'failed'], message.state), 0) then told.state
        else message.state
    end,
    error = case when told.height = 4 then coalesce(told.error, message.error) else message.error end,
    delivered_at = least(message.delivered_at, told.delivered_at),
    read_at = least(message.read_at, told.read_at)
from (
    select
        message_id,
        min(messenger_message_id) as messenger_message_id,
        max(list_position(['sent', 'delivered', 'read', 'failed'], state)) as height,
        arg_max(state, list_position(['sent', 'delivered', 'read', 'failed'], state)) as state,
        arg_max(error, list_position(['sent', 'delivered', 'read', 'failed'], state)) as error,
        min(happened_at) filter (where state in ('delivered', 'read')) as delivered_at,
        min(happened_at) filter (where state = 'read') as read_at
    from message_change
    where kind = 'receipt'
        and message_id is not null
    group by message_id
) as told
where message.message_id = told.message_id
    and message.ours
    and message.sent_at >= $from_at
