-- What the journal is sorted by; nothing is null, so that a cursor can stand anywhere.

-- name: time
call.started_at

-- name: wait
coalesce(call.wait_s, -1)

-- name: talk
call.talk_s

-- name: client
coalesce(lower(account.name), case when $full_numbers then call.external_number end, '')

-- name: employee
coalesce(employee.name, call.employees[1], '')

-- name: join_client
left join account on account.account_id = owner.account_id

-- name: join_found_client
left join found_client
    on found_client.number = call.external_number
    and found_client.owns_from_at <= call.started_at
    and found_client.owns_until_at > call.started_at

-- name: join_employee
left join extension
    on extension.extension = call.employees[1]
    and extension.kind = 'phone'
    and (extension.pbx is null or extension.pbx = call.pbx)
    and extension.from_at <= call.started_at
    and (extension.until_at is null or extension.until_at > call.started_at)
left join employee on employee.employee_id = extension.employee_id
