-- Who acted in a period, and what was done: one row with two lists.
select
    list_sort(list_distinct(array_agg(actor))) as actors,
    list_sort(list_distinct(array_agg(action))) as actions
from audit
where acted_at >= $from_at
    and acted_at < $until_at
