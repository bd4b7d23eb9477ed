-- The rows of `number` of the fresh calls: the only look at that table, which may be long.
create or replace temp table known as
select rowid as row, number, first_call_id, first_call_at, last_call_at, last_contact_at, open_since_at
from number
where number in (select number from fresh);
