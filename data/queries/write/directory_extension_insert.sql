insert into extension (extension, pbx, employee_id, kind, device, from_at, until_at, source)
values ($extension, $pbx, $employee_id::uuid, $kind, $device, $from_at, null, $source)
