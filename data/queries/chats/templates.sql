-- Templates that the messenger lets an account send. One row per template and language.
select
    name,
    language,
    category,
    body,
    variables
from message_template
where messenger_account = $account
    and state = 'approved'
order by name, language
