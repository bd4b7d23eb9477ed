delete from chat_tag
where tag_id = $tag_id::uuid
