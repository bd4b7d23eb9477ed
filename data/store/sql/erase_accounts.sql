-- His cards as a client.
update account
set
    name = '–',
    folded = '–',
    notes = null,
    external_id = null,
    emails = [],
    messengers = []
where account_id::varchar in (select id from erased_card where kind = 'account')
