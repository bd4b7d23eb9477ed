-- How many chats everybody who works here has in work, and when he last got one. One row per employee.
select
    employee.employee_id::varchar as employee_id,
    employee.name,
    count(chat.chat_id) as chats,
    max(chat.taken_at) as taken_at
from employee
left join chat
    on chat.assignee_id = employee.employee_id
    and chat.state = 'active'
where employee.active
group by all
