-- Next conversation of misses to which an earlier one arrived late.
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
        and talk.talked_at < missed.contact_after_at
    where missed.contact_after_at > $closed_after
        and missed.external_number in (select number from touched)
    group by missed.rowid
) as found
where call.rowid = found.row;
