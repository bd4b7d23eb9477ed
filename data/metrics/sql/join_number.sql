-- What is known of the outside number.
left join number
    on number.number = fact.external_number
