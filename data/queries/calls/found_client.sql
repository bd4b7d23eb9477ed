-- Numbers, with their time, of the clients whose name contains $words. One row per stretch.
found_number as (
    select phone_assignment.number
    from phone_assignment
    inner join account using (account_id)
    where contains(account.folded, $words)
),

found_owner as (
|found_owner|
),

found_client as (
    select
        found_owner.number,
        found_owner.owns_from_at,
        found_owner.owns_until_at
    from found_owner
    inner join account using (account_id)
    where contains(account.folded, $words)
),
