insert into employee (employee_id, name, department, email, active, source, external_id)
values ($employee_id::uuid, $name, $department, $email, $active, $source, $external_id)
