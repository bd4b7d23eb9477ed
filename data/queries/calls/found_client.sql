-- Numbers, with their time, of the clients whose name contains $words. One row per stretch.
found_client as (
    select
        owner.number,
        owner.owns_from_at,
        owner.owns_until_at
    from owner
    inner join account using (account_id)
    where contains(replace(lower(account.name), 'ё', 'е'), $words)
),
