-- What an undone merge would bring back.
update account_merge
set
    kept_notes = null,
    kept_emails = [],
    kept_messengers = []
where kept_id::varchar in (select id from erased_card where kind = 'account')
    or gone_id::varchar in (select id from erased_card where kind = 'account')
