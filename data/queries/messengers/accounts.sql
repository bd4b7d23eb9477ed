-- Accounts at messengers, by their titles.
select
    account,
    messenger,
    title,
    enabled,
    config,
    state,
    state_detail,
    state_at,
    changed_at,
    changed_by,
    version
from messenger_account
order by title, account
