-- What tables of phones can tell instead of employees: rings and talk, not calls.
select
    party,
    count(*),
    sum(talk_s)
from leg
where started_at >= $from_at
    and started_at < $until_at
group by party
order by party
