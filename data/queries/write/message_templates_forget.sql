delete from message_template
where messenger_account = $account
