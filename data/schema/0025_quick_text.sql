-- Names and numbers as they are, without compression: DuckDB unpacks a whole block of packed text to read one row,
-- so a search of half a million clients spent nine tenths of its time with that. The next step puts these in place
-- of the packed ones: a table that was updated cannot be altered in the same transaction.
alter table account add column quick_name varchar using compression uncompressed;
alter table account add column quick_folded varchar using compression uncompressed;
alter table account add column quick_notes varchar using compression uncompressed;
alter table account add column quick_external_id varchar using compression uncompressed;
update account
set
    quick_name = name,
    quick_folded = folded,
    quick_notes = notes,
    quick_external_id = external_id;

alter table contact add column quick_name varchar using compression uncompressed;
alter table contact add column quick_folded varchar using compression uncompressed;
alter table contact add column quick_external_id varchar using compression uncompressed;
update contact
set
    quick_name = name,
    quick_folded = folded,
    quick_external_id = external_id;

alter table phone_assignment add column quick_number varchar using compression uncompressed;
update phone_assignment set quick_number = number;

alter table number add column quick_number varchar using compression uncompressed;
update number set quick_number = number;
