-- Every number, to be derived anew.
create or replace temp table stale as
select distinct external_number as number
from call
where external_number is not null
union
select number
from number;
