-- No row: somebody else changed it meanwhile, or another tag has that title.
update tag
set
    title = $title,
    colour = $colour,
    version = version + 1
where tag_id = $tag_id::uuid
    and version = $version
    and not exists (
        from tag as other
        where other.tag_id != $tag_id::uuid
            and replace(lower(other.title), 'ё', 'е') = replace(lower($title), 'ё', 'е')
    )
