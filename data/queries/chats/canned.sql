-- Ready answers for an account. One row per answer.
select
    reply_id::varchar as reply_id,
    shortcut,
    title,
    text
from canned_reply
where messenger_account is null
    or messenger_account = $account
order by shortcut, reply_id
