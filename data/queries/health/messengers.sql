-- Accounts of messengers that are to work: one row each.
select
    account,
    title,
    state,
    state_detail,
    state_at
from messenger_account
where enabled
order by account
