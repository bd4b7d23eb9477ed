-- Leads that he was: when and what became of them stays.
update lead
set
    number = (select pseudonym from erased_number where erased_number.number = lead.number),
    name = null,
    comment = null
where number in (select number from erased_number)
    or call_id in (select call_id from erased_call)
    or chat_id in (select chat_id from erased_chat)
    or account_id::varchar in (select id from erased_card where kind = 'account')
