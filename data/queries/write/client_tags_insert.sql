-- Hangs tags, named by their titles, on a client that does not carry them yet.
insert into client_tag (account_id, tag_id, tagged_at, tagged_by)
select $account_id::uuid, tag.tag_id, $at, $actor
from tag
where replace(lower(tag.title), 'ё', 'е') in (
        select replace(lower(title), 'ё', 'е')
        from (select unnest($titles::varchar[]) as title)
    )
    and not exists (
        from client_tag
        where client_tag.account_id = $account_id::uuid
            and client_tag.tag_id = tag.tag_id
    )
