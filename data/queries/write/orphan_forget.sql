-- Files that are gone, or belong to a recording by now: the walk that began at $seen_at did not meet them.
delete from orphan_file
where seen_at < $seen_at
