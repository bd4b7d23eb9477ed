-- Of files (their $paths, and beside them their names without suffix, $stems) those that no recording names.
with file as (
    select
        unnest($paths::varchar[]) as path,
        unnest($stems::varchar[]) as stem
)
select file.path
from file
where file.path not in (select recording.path from recording where recording.path is not null)
    and file.stem not in (
        select regexp_replace(regexp_extract(recording.file, '[^/]*$'), $suffix, '', 'i')
        from recording
    )
order by file.path
