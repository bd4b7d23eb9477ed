left join owner
    on owner.number = call.external_number
    and owner.owns_from_at <= call.started_at
    and owner.owns_until_at > call.started_at
