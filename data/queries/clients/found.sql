-- Clients that hold what was typed elsewhere than in the name: a person, a present number, a tag, who is
-- responsible, an e-mail, the id of another system. Each is a scan of its own: an "or" of them would test all for all.
-- $number_part, $number_start: null when it is no part of a number, or numbers may not be seen.
found as materialized (
    select account_id
    from contact
    where contains(folded, $words)
        or ($full_numbers and contains(array_to_string(emails, ' '), $words))
    union all
    select account_id
    from account
    where external_id = $words
    union all
    select account_id
    from account
    where $full_numbers
        and contains(array_to_string(emails, ' '), $words)
    union all
    select account_id
    from account
    where responsible_id in (
            select employee_id
            from employee
            where contains(replace(lower(employee.name), 'ё', 'е'), $words)
        )
    union all
    select client_tag.account_id
    from client_tag
    inner join tag using (tag_id)
    where contains(replace(lower(tag.title), 'ё', 'е'), $words)
    union all
    select account_id
    from phone_assignment
    where until_at is null
        and (contains(number, $number_part) or starts_with(number, $number_start))
),
