delete from canned_reply
where reply_id = $reply_id::uuid
