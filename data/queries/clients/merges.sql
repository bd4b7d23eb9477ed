-- Cards that were merged into $account_id since $since and can come back, the latest first.
select
    account_merge.merge_id::varchar as merge_id,
    gone.account_id::varchar as account_id,
    gone.name,
    account_merge.merged_at,
    account_merge.merged_by
from account_merge
inner join account as gone on gone.account_id = account_merge.gone_id
where account_merge.kept_id = $account_id::uuid
    and account_merge.undone_at is null
    and account_merge.merged_at > $since
order by account_merge.merged_at desc
