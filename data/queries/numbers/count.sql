-- How many numbers there are. One row.
select count(*) as numbers
from number
