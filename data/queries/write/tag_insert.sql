-- A new tag. No row: there is one of that title already.
insert into tag (tag_id, title, colour, created_at, created_by)
select $tag_id::uuid, $title, $colour, $at, $actor
where not exists (
    from tag
    where replace(lower(title), 'ё', 'е') = replace(lower($title), 'ё', 'е')
)
