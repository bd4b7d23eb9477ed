-- The vocabulary, by title, with how many calls and clients carry each tag. One row per tag.
with
of_call as (
    select tag_id, count(*) as calls
    from call_tag
    group by tag_id
),

of_client as (
    select tag_id, count(*) as clients
    from client_tag
    group by tag_id
)

select
    tag.tag_id::varchar as tag_id,
    tag.title,
    tag.colour,
    tag.version,
    coalesce(of_call.calls, 0) as calls,
    coalesce(of_client.clients, 0) as clients
from tag
left join of_call using (tag_id)
left join of_client using (tag_id)
order by lower(tag.title), tag.tag_id
