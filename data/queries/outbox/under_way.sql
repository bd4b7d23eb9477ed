-- Whether some of these messages are on their way.
select count(*) as orders
from outbox
where kind = 'message'
    and state in ('queued', 'sent')
    and subject_id in (select unnest($message_ids))
