-- Rows: a JSON list of numbers that one process tells of itself.
insert into live.vital (process, pbx, name, value, told_at)
select $process, told.pbx, told.name, told.value, $told_at
from (
    select unnest(from_json($rows, '[{"pbx": "VARCHAR", "name": "VARCHAR", "value": "DOUBLE"}]')) as told
)
