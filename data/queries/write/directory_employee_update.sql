update employee
set
    name = $name,
    department = $department,
    email = $email,
    active = $active,
    source = $source,
    external_id = $external_id
where employee_id = $employee_id::uuid
