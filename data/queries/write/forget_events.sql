-- Events of the PBX whose time in the database is over; the journal keeps its own copy for as long as it is told.
delete from ami_event
where received_at >= $from_at
    and received_at < $until_at
