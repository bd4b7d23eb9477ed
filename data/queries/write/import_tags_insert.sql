-- Rows: a JSON list of clients and titles of tags; a tag that hangs already stays as it is.
insert into client_tag (account_id, tag_id, tagged_at, tagged_by)
select distinct told.account_id::uuid, tag.tag_id, $at, $actor
from (
    select unnest(from_json($rows, '[{"account_id": "VARCHAR", "title": "VARCHAR"}]')) as told
)
inner join tag on replace(lower(tag.title), 'ё', 'е') = replace(lower(told.title), 'ё', 'е')
where not exists (
        from client_tag
        where client_tag.account_id = told.account_id::uuid
            and client_tag.tag_id = tag.tag_id
    )
