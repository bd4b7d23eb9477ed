-- One row per phone of an employee who works here at $at, and one without a phone for who has none: the device, and
-- what it does now where the PBX tells.
select
    employee.employee_id::varchar as employee_id,
    employee.name,
    employee.department,
    extension.extension,
    coalesce(phone.device, extension.device) as device,
    phone.state,
    phone.state_since_at
from employee
left join extension
    on extension.employee_id = employee.employee_id
    and extension.kind = 'phone'
    and extension.from_at <= $at
    and (extension.until_at is null or extension.until_at > $at)
left join live.live_phone as phone
    on phone.extension = extension.extension
    and (extension.pbx is null or phone.pbx = extension.pbx)
where employee.active
order by employee.name, employee.employee_id, extension.extension, device
