-- From now on the number is not this owner's. No row: it is not, or only from a later moment on.
update phone_assignment
set
    until_at = $at,
    stored_at = get_current_timestamp()
where number = $number
    and account_id = $account_id::uuid
    and from_at <= $at
    and until_at is null
