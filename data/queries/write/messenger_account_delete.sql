delete from messenger_account
where account = $account
    and version = $version
