-- How many chats each tab has for the user, and how many of the open ones he has not read. One row.
-- $late_before: since when a client who still waits has waited too long.
select
    count(*) filter (where chat.state = 'queued') as queued,
    count(*) filter (where chat.state = 'active') as active,
    count(*) filter (where chat.state = 'closed') as closed,
    count(*) filter (
        where chat.state != 'closed'
            and chat.client_wrote_at > coalesce(seen.seen_at, chat.waiting_since - interval 1 microsecond)
    ) as unread,
    count(*) filter (where chat.state != 'closed' and chat.waiting_since < $late_before) as late
from chat
left join chat_seen as seen
    on seen.chat_id = chat.chat_id
    and seen.login = $user
where |seen|
    and |asked|
