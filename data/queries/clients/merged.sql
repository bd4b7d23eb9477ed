-- The cards that are one with $account_id now: itself and those merged into it. One row per card.
select account_id::varchar as account_id
from account
where account_id = $account_id::uuid
    or merged_into = $account_id::uuid
