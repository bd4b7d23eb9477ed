-- What a recording held when it was measured: the same file under another name or in another place is known again.
alter table recording add column checksum varchar; -- SHA-256 of the file, hexadecimal
