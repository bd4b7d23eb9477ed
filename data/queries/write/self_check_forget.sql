delete from self_check
where pbx = $pbx
    and source = $source
    and checked_on >= $from_on::date
    and checked_on <= $to_on::date
