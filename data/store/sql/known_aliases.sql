-- Which of these ids are aliases.
select alias
from call_alias
where list_contains($call_ids::varchar[], alias);
