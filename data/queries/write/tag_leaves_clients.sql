delete from client_tag
where tag_id = $tag_id::uuid
