-- Lines of the trail whose time is over; that somebody was erased stays.
delete from audit
where acted_at < $until_at
    and action != 'person.erase'
