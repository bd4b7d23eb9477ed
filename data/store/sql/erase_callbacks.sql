-- What was noted of calling him back.
update callback
set
    number = (select pseudonym from erased_number where erased_number.number = callback.number),
    note = null
where number in (select number from erased_number)
