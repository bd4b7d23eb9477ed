-- One row per phone of an employee who works here at $at, and one without a phone for who has none: the device, and
-- what it does now where the PBX tells, of the phone itself or of its place in a queue.
with seat as (
    select
        party,
        arg_max(interface, state_since_at) as device,
        arg_max(state, state_since_at) as state,
        max(state_since_at) as state_since_at
    from live.live_member
    group by party
)
select
    employee.employee_id::varchar as employee_id,
    employee.name,
    employee.department,
    extension.extension,
    coalesce(phone.device, extension.device, seat.device) as device,
    coalesce(phone.state, seat.state) as state,
    coalesce(phone.state_since_at, seat.state_since_at) as state_since_at
from employee
left join extension
    on extension.employee_id = employee.employee_id
    and extension.kind = 'phone'
    and extension.from_at <= $at
    and (extension.until_at is null or extension.until_at > $at)
left join live.live_phone as phone
    on phone.extension = extension.extension
    and (extension.pbx is null or phone.pbx = extension.pbx)
left join seat
    on seat.party = extension.extension
where employee.active
order by employee.name, employee.employee_id, extension.extension, device
