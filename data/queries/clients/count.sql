-- How many clients the filters leave. One row.
with
|with|
listed as (
    select account.account_id
    from account
    where |where|
)

select count(*) as clients
from listed
