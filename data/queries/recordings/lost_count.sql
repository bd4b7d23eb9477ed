-- How many recordings without a file `lost.sql` lists, and the bytes of those that were measured once.
select
    count(*) as files,
    coalesce(sum(recording.bytes), 0)::bigint as bytes
from recording
where recording.state = 'missing'
    and (
        $everything
        or exists (
            select 1
            from leg
            where leg.call_id = recording.call_id
                and (leg.party in (select unnest($extensions)) or leg.caller in (select unnest($extensions)))
        )
    )
