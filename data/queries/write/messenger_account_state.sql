-- Whether the messenger can be reached; no row where that was known, so that nobody is told twice.
update messenger_account
set
    state = $state,
    state_detail = $detail,
    state_at = $at
where account = $account
    and (state is distinct from $state or state_detail is distinct from $detail)
