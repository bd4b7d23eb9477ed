insert into messenger_account (account, messenger, title, enabled, config, changed_at, changed_by)
select $account, $messenger, $title, $enabled, $config, $at, $actor
where not exists (select 1 from messenger_account where account = $account)
