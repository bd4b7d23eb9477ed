-- Where things that hang on a call that goes away belong now: one row per alias.
create or replace temp table moved_call as
select
    alias,
    call_id
from call_alias
where list_contains($call_ids::varchar[], alias);
