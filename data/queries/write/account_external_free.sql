-- No row: another client has this external id.
select 1 as free
where $external_id is null
    or not exists (
        from account
        where account.external_id = $external_id
            and account.account_id != $account_id::uuid
            and account.merged_into is null
    )
