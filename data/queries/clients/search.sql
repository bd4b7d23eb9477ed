-- Clients whose name, contact person or present number holds what was typed, the best first.
-- $number_part, $number_start: null when it is no part of a number. One row per client.
with found as (
    select
        account_id,
        null as contact_id,
        null as number,
        case when starts_with(folded, $words) then 1 else 2 end as place
    from account
    where contains(folded, $words)
    union all
    select
        account_id,
        contact_id,
        null as number,
        3 as place
    from contact
    where contains(folded, $words)
    union all
    select
        account_id,
        contact_id,
        number,
        case when number = $number_start then 0 else 4 end as place
    from phone_assignment
    where until_at is null
        and (contains(number, $number_part) or starts_with(number, $number_start))
),

best as (
    select
        account_id,
        min(place) as place,
        arg_min(contact_id, place) as contact_id,
        arg_min(number, place) as number
    from found
    group by account_id
)

select
    account.account_id::varchar as account_id,
    account.name,
    account.kind,
    best.contact_id::varchar as contact_id,
    contact.name as contact,
    best.number
from best
inner join account using (account_id)
left join contact on contact.contact_id = best.contact_id
where account.merged_into is null
order by best.place, lower(account.name), account.account_id
limit $limit
