delete from chat_tag
where chat_id = $chat_id::uuid
    and list_contains($tag_ids::uuid[], tag_id)
