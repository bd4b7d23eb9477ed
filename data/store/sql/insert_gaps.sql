insert into gap by name
select incoming.*
from incoming
where not exists (
    from gap
    where gap.pbx = incoming.pbx
        and gap.started_at = incoming.started_at
);
