-- The card that stays carries the tags of both.
insert into client_tag (account_id, tag_id, tagged_at, tagged_by)
select $kept_id::uuid, tag_id, $at, $actor
from client_tag
where account_id = $gone_id::uuid
    and tag_id not in (select tag_id from client_tag where account_id = $kept_id::uuid)
