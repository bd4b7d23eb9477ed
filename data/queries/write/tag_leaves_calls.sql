delete from call_tag
where tag_id = $tag_id::uuid
