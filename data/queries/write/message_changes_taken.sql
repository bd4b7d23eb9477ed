-- What was applied is done with, and what found no message for too long.
delete from message_change
where message_id in (select message_id from message where sent_at >= $from_at)
    or stored_at < $from_at
