-- Days whose calls are about to change, and the time before the first call if one comes before it.
delete from call_day_built
where list_contains($days, from_on)
    or (from_on = date '0001-01-01' and to_on > $first_day);
