-- The ranges of these first digits (7 and the first of the code) make room for newer ones.
delete from numbering_range
where list_contains($beginnings, left(code, 2))
