-- Hangs the tags on a chat that does not carry them yet.
insert into chat_tag (chat_id, tag_id, tagged_at, tagged_by)
select $chat_id::uuid, tag.tag_id, $at, $actor
from tag
where list_contains($tag_ids::uuid[], tag.tag_id)
    and not exists (
        from chat_tag
        where chat_tag.chat_id = $chat_id::uuid
            and chat_tag.tag_id = tag.tag_id
    )
