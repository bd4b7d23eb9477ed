-- A block of the list of clients, in order. One row per client: his id and the key of the order.
with
|with|
listed as (
    select
        account.account_id,
        |key| as sort_key
    from account
    where |where|
)

select
    account_id::varchar as account_id,
    sort_key
from listed
order by sort_key |direction|, account_id |direction|
limit $limit
