-- Names that came with the calls of $numbers: one row each.
select distinct caller_name
from call
where caller_name is not null
    and list_contains($numbers::varchar[], external_number)
