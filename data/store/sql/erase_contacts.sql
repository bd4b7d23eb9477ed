-- His cards as a contact person.
update contact
set
    name = '–',
    folded = '–',
    position = null,
    emails = [],
    messengers = [],
    external_id = null
where contact_id::varchar in (select id from erased_card where kind = 'contact')
