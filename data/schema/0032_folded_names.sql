-- Every name has the form in which it is searched, so that lists order and search one column. The next step says so
-- of the columns: a table that was updated cannot be altered in the same transaction.
update account set folded = replace(lower(name), 'ё', 'е') where folded is null;
update contact set folded = replace(lower(name), 'ё', 'е') where folded is null;
