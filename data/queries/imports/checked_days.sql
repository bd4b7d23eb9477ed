-- Whether a day was compared with a source.
select noted_at
from self_check
where pbx = $pbx
    and source = $source
    and checked_on = $checked_on::date
