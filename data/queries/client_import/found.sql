-- Clients that rows of a file may mean: by external id, by a present number, by name. One row per match.
select
    'external' as kind,
    account.external_id as key,
    kept.account_id::varchar as account_id,
    kept.name
from account
inner join account as kept on kept.account_id = coalesce(account.merged_into, account.account_id)
where account.external_id in (select unnest($external_ids::varchar[]))
    and kept.merged_into is null
union all
select
    'number',
    phone_assignment.number,
    account.account_id::varchar,
    account.name
from phone_assignment
inner join account using (account_id)
where phone_assignment.until_at is null
    and phone_assignment.number in (select unnest($numbers::varchar[]))
union all
select
    'name',
    folded,
    min(account_id)::varchar,
    any_value(name)
from account
where merged_into is null
    and folded in (select unnest($names::varchar[]))
group by folded
