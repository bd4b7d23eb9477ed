-- Out and in again instead of an update, which takes twenty times as long when it is for all rows.
delete from number
where number in (select number from corrected_number);
