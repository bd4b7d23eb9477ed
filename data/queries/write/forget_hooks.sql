-- Raw bodies from messengers whose time is over.
delete from hook_event
where received_at < $until_at
