-- Names of clients by their ids.
select
    account_id::varchar as key,
    name as title
from account
where account_id::varchar in (select unnest($keys))
