update messenger_account
set
    title = $title,
    enabled = $enabled,
    config = $config,
    changed_at = $at,
    changed_by = $actor,
    version = version + 1
where account = $account
    and version = $version
