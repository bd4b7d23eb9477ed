-- His chats: with his numbers, his cards or an id at a messenger that is his.
create or replace temp table erased_chat as
select chat_id
from chat
where number in (select number from erased_number)
    or user_key in (select number from erased_number)
    or account_id::varchar in (select id from erased_card where kind = 'account')
    or contact_id::varchar in (select id from erased_card where kind = 'contact')
    or list_contains($words::varchar[], messenger || ':' || user_key)
