-- Ready answers of all accounts, by what is typed. One row per answer.
select
    reply_id::varchar as reply_id,
    shortcut,
    title,
    text,
    messenger_account as account
from canned_reply
order by shortcut, title, reply_id
