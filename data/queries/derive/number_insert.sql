-- Numbers seen for the first time, before anything is derived of them.
insert into number by name
select *
from new_number;
