-- Clients that hold what was typed: in the name, a person, a present number, a tag, who is responsible, an e-mail.
-- $number_part, $number_start: null when it is no part of a number, or numbers may not be seen.
found as (
    select account_id
    from account
    where contains(coalesce(folded, replace(lower(name), 'ё', 'е')), $words)
        or ($full_numbers and contains(array_to_string(emails, ' '), $words))
        or external_id = $words
        or responsible_id in (
            select employee_id
            from employee
            where contains(replace(lower(employee.name), 'ё', 'е'), $words)
        )
    union all
    select account_id
    from contact
    where contains(coalesce(folded, replace(lower(name), 'ё', 'е')), $words)
        or ($full_numbers and contains(array_to_string(emails, ' '), $words))
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
