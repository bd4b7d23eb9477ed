delete from tag
where tag_id = $tag_id::uuid
