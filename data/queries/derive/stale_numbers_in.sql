insert into number by name
from corrected_number
order by first_call_at;
