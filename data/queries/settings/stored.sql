-- Settings that were changed at run time: one row each.
select
    name,
    value,
    changed_at,
    changed_by
from setting
order by name
