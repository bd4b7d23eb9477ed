-- Room for days that are built anew.
delete from call_day
where day >= $from_on
    and day < $to_on;
