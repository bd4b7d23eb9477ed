-- Templates of all accounts as they were last read. One row per account, template and language.
select
    messenger_account as account,
    name,
    language,
    state,
    category,
    body,
    synced_at
from message_template
order by messenger_account, name, language
