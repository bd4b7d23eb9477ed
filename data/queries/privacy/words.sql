-- What names these cards: one row per name, mail address and id at a messenger.
select distinct word
from (
    select unnest([name, external_id] || emails || messengers) as word
    from account
    where list_contains($accounts::varchar[], account_id::varchar)
    union all
    select unnest([name, external_id] || emails || messengers)
    from contact
    where list_contains($contacts::varchar[], contact_id::varchar)
    union all
    select unnest([name, external_id])
    from contact_gone
    where list_contains($contacts::varchar[], contact_id::varchar)
)
where word is not null
    and word != ''
    and word != '–'
