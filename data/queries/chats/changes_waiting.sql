-- Whether a receipt, edit or deletion waits for its message.
select count(*) as waiting
from message_change
