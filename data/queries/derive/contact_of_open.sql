-- Next conversation of older misses that waited for one.
update call
set contact_after_at = found.contact_after_at
from (
    select
        missed.rowid as row,
        min(talk.talked_at) as contact_after_at
    from call as missed
    inner join talk
        on talk.number = missed.external_number
        and talk.talked_at > missed.started_at
    where missed.started_at >= $missed_from
        and missed.started_at <= $missed_until
        and missed.direction = 'inbound'
        and missed.outcome = 'missed'
        and missed.contact_after_at is null
        and missed.external_number in (select number from touched)
    group by missed.rowid
) as found
where call.rowid = found.row
    and call.started_at >= $missed_from
    and call.started_at <= $missed_until;
