-- One row per opening of a chat, as known at the moment asked for: when the client first wrote, when a person
-- first answered, when it was closed. An opening belongs to the day on which it began. The compiler puts the
-- local time in place of |local_at| and the working time of an answer in place of |response_open_s|.
with told as (
    select chat_id, happened_at, kind
    from chat_event
    where kind in ('opened', 'reopened', 'closed')
        and happened_at <= $as_of
    union all by name
    -- Chats whose history was not written down, from before or from elsewhere.
    select chat_id, created_at as happened_at, 'opened' as kind
    from chat
    where created_at <= $as_of
        and not exists (from chat_event as known where known.chat_id = chat.chat_id and known.kind = 'opened')
    union all by name
    select chat_id, closed_at as happened_at, 'closed' as kind
    from chat
    where closed_at <= $as_of
        and not exists (from chat_event as known where known.chat_id = chat.chat_id and known.kind = 'closed')
),
opening as (
    select
        chat_id,
        happened_at as opened_at,
        kind = 'reopened' as is_reopened,
        lead(happened_at) over (partition by chat_id order by happened_at) as next_at
    from told
    where kind in ('opened', 'reopened')
),
bounded as (
    select
        opening.*,
        (
            select min(told.happened_at)
            from told
            where told.chat_id = opening.chat_id
                and told.kind = 'closed'
                and told.happened_at >= opening.opened_at
                and (opening.next_at is null or told.happened_at <= opening.next_at)
        ) as closed_at
    from opening
    where opened_at >= $from_at
        and opened_at < $until_at
),
asked as (
    select
        bounded.chat_id,
        bounded.opened_at,
        min(message.sent_at) as asked_at
    from bounded
    inner join message
        on message.chat_id = bounded.chat_id
        and not message.ours
        and message.kind not in ('note', 'system')
        -- The message that opens a chat may carry a moment just before it.
        and message.sent_at >= bounded.opened_at - interval 1 minute
        and message.sent_at <= $as_of
        and (bounded.next_at is null or message.sent_at < bounded.next_at)
    group by all
),
answered as (
    select
        asked.chat_id,
        asked.opened_at,
        min(message.sent_at) as answered_at
    from asked
    inner join bounded on bounded.chat_id = asked.chat_id and bounded.opened_at = asked.opened_at
    inner join message
        on message.chat_id = asked.chat_id
        and message.ours
        and message.kind not in ('note', 'system')
        and coalesce(message.author, '') not like 'system:%'
        and message.sent_at >= asked.asked_at
        and message.sent_at <= $as_of
        and (bounded.next_at is null or message.sent_at < bounded.next_at)
    group by all
),
fact as (
    select
        bounded.*,
        bounded.next_at is not null as came_back,
        asked.asked_at,
        answered.answered_at,
        chat.messenger,
        chat.messenger_account,
        chat.assignee_id::varchar as employee,
        chat.is_group
    from bounded
    inner join chat on chat.chat_id = bounded.chat_id
    left join asked on asked.chat_id = bounded.chat_id and asked.opened_at = bounded.opened_at
    left join answered on answered.chat_id = bounded.chat_id and answered.opened_at = bounded.opened_at
    where not coalesce(chat.is_group, false)
        and ($chats_of is null or chat.assignee_id = $chats_of::uuid)
)
select
    fact.*,
    |local_at| as local_at,
    epoch(fact.answered_at) - epoch(fact.asked_at) as response_s,
    |response_open_s| as response_open_s,
    case
        when fact.asked_at is not null and fact.answered_at is null and fact.closed_at is null
            then epoch($as_of) - epoch(fact.asked_at)
    end as waiting_s,
    epoch(fact.closed_at) - epoch(fact.opened_at) as close_s
from fact
