-- What is kept of him as a contact person who was removed: found by his card, or because a number of his was that person's.
update contact_gone
set
    name = '–',
    position = null,
    external_id = null
where contact_id::varchar in (select id from erased_card where kind = 'contact')
    or contact_id in (
        select contact_id
        from phone_assignment
        where number in (select number from erased_number)
    )
