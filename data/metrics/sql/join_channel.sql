-- The name given to the office number that was called.
left join acquisition_channel as channel
    on channel.did = fact.did
