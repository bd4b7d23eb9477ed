-- Pairs of cards that may be one client, the surest first: a number that was with both, one e-mail, one name
-- without legal form, marks and order of words. One row per pair and reason.
with card as (
    select
        account_id,
        name,
        array_to_string(
            list_sort(
                list_filter(
                    regexp_split_to_array(folded, '[^0-9a-zа-я]+'),
                    lambda word: word not in ('', 'ооо', 'оао', 'зао', 'пао', 'ао', 'ип', 'тоо', 'чп', 'llc', 'ltd', 'inc')
                )
            ),
            ' '
        ) as name_key
    from account
    where merged_into is null
),

mail as (
    select account_id, unnest(emails) as email
    from account
    where emails != []
    union
    select account_id, unnest(emails) as email
    from contact
    where emails != []
),

pair as (
    select
        'number' as reason,
        one.number as value,
        least(one.account_id, other.account_id) as one_id,
        greatest(one.account_id, other.account_id) as other_id,
        1 as place
    from phone_assignment as one
    inner join phone_assignment as other
        on other.number = one.number
        and other.account_id > one.account_id
    where one.number in (
        select number
        from phone_assignment
        group by number
        having count(distinct account_id) > 1
    )
    union
    select
        'email',
        one.email,
        one.account_id,
        other.account_id,
        2
    from mail as one
    inner join mail as other
        on other.email = one.email
        and other.account_id > one.account_id
    where one.email in (
        select email
        from mail
        group by email
        having count(distinct account_id) between 2 and 20
    )
    union
    select
        'name',
        one.name,
        least(one.account_id, other.account_id),
        greatest(one.account_id, other.account_id),
        3
    from card as one
    inner join card as other
        on other.name_key = one.name_key
        and other.account_id > one.account_id
    where one.name_key in (
        select name_key
        from card
        where name_key != ''
        group by name_key
        having count(*) between 2 and 20
    )
),

owned as (
    select
        account_id,
        list(number order by from_at, number) as numbers
    from phone_assignment
    where until_at is null
        and account_id in (select unnest([one_id, other_id]) from pair)
    group by account_id
)

select
    pair.one_id::varchar as one_id,
    one.name as one_name,
    coalesce(any_value(one_owned.numbers), []) as one_numbers,
    pair.other_id::varchar as other_id,
    other.name as other_name,
    coalesce(any_value(other_owned.numbers), []) as other_numbers,
    list({reason: pair.reason, value: pair.value} order by pair.place, pair.value) as reasons
from pair
inner join card as one on one.account_id = pair.one_id
inner join card as other on other.account_id = pair.other_id
left join owned as one_owned on one_owned.account_id = pair.one_id
left join owned as other_owned on other_owned.account_id = pair.other_id
where ($account_id is null or $account_id in (pair.one_id::varchar, pair.other_id::varchar))
    and not exists (
        from account_distinct
        where account_distinct.one_id = pair.one_id
            and account_distinct.other_id = pair.other_id
    )
group by pair.one_id, one.name, pair.other_id, other.name
order by count(*) desc, min(pair.place), one_name, pair.one_id, pair.other_id
limit $limit
