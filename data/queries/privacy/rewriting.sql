-- Erasures after which the database file must be written anew: one row each.
select erasure_id::varchar as erasure_id
from erasure
where state = 'rewriting'
