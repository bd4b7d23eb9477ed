-- How many chats everybody who works here has in work, when he last got one, and whether he is known to be away: paused,
-- logged out or without a phone in every queue that he is in now or was in lately. One row per employee.
-- Without word of his PBX of just now, or for somebody of no queue, nothing is known.
with heard as (
    select pbx
    from live.live_link
    where state = 'up'
        and heard_ago_s + epoch(get_current_timestamp()) - epoch(told_at) <= $patience_s
),

place as (
    select
        pbx,
        party,
        not is_paused and state != 'out' as is_open
    from live.live_member
    union all
    select
        pbx,
        party,
        false
    from agent_session
    where kind = 'login'
        and started_at >= $from_at
),

standing as (
    select
        extension.employee_id,
        bool_or(place.is_open) as is_here
    from place
    inner join heard using (pbx)
    inner join extension
        on extension.extension = place.party
        and coalesce(extension.pbx, place.pbx) = place.pbx
        and extension.from_at <= $now
        and (extension.until_at is null or extension.until_at > $now)
    group by extension.employee_id
)

select
    employee.employee_id::varchar as employee_id,
    employee.name,
    count(chat.chat_id) as chats,
    max(chat.taken_at) as taken_at,
    coalesce(not any_value(standing.is_here), false) as is_away
from employee
left join standing on standing.employee_id = employee.employee_id
left join chat
    on chat.assignee_id = employee.employee_id
    and chat.state = 'active'
where employee.active
group by
    employee.employee_id,
    employee.name
