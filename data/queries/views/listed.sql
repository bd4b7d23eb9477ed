-- The views of $page that $owner saved, and those that others share; by title.
select
    view_id::varchar as view_id,
    title,
    query,
    owner,
    shared
from saved_view
where page = $page
    and (owner = $owner or shared)
order by lower(title), view_id
