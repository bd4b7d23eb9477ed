-- How many there are; of those that called, by what became of them, as the report counts. One row.
select
    count(*) as listed,
    count(*) filter (where source = 'call') as leads,
    count(*) filter (where source = 'call' and fate = 'registered') as registered,
    count(*) filter (where source = 'call' and fate = 'unregistered') as unregistered,
    count(*) filter (where source = 'call' and fate = 'lost') as lost
from found
